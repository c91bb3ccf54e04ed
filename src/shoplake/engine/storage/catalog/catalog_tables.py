"""Makes tables in a catalog, and changes their columns, by SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.errors import AnalysisException

from shoplake.engine.storage.catalog.catalog_log import CHANGE_FEED, CatalogLog
from shoplake.engine.storage.log_statistics import statistics_properties
from shoplake.errors import IncompatibleLakeError
from shoplake.sql_text import sql_literal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pyspark.sql import SparkSession

    from shoplake.declare import Table
    from shoplake.engine.storage.catalog.address import CatalogAddress

RECORDED = {"delta.enableDeletionVectors": "false", CHANGE_FEED: "true"}
"""Properties of every table: each reader can read it, and SQL says what changed since a version."""


def create_table(table: Table[...], at: CatalogAddress, more: Mapping[str, str] | None = None) -> None:
    """Create a table, without rows, with `more` columns by their types, unless it exists; set properties it lacks.

    Raises IncompatibleLakeError where one exists that lacks columns.
    """
    stored = CatalogLog(at).column_names()
    if stored is not None:
        _check_columns(table, at, stored)
        _set_properties(table, at)
        return
    columns = [f"`{each.name}` {each.type} COMMENT {sql_literal(each.meaning)}" for each in table.columns]
    columns += [f"`{name}` {kind}" for name, kind in (more or {}).items()]
    parts = ", ".join(f"`{name}`" for name in table.partition_by)
    _create(
        at,
        f"CREATE TABLE IF NOT EXISTS {at.sql} ({', '.join(columns)}) USING delta "
        f"{f'PARTITIONED BY ({parts})' if parts else ''} COMMENT {sql_literal(table.summary)} "
        f"TBLPROPERTIES {_properties(RECORDED | statistics_properties(table))}",
    )


def add_columns(table: Table[...], at: CatalogAddress, names: tuple[str, ...]) -> None:
    """Add declared columns; existing rows have null there."""
    added = [
        f"`{each.name}` {each.type} COMMENT {sql_literal(each.meaning)}" for each in table.columns if each.name in names
    ]
    at.query(f"ALTER TABLE {at.sql} ADD COLUMNS ({', '.join(added)})")


def update_comments(table: Table[...], at: CatalogAddress) -> None:
    """Update the comments of columns and table."""
    stored = {name: comment for name, _, comment in CatalogLog(at).columns()}
    for each in table.columns:
        if each.name in stored and stored[each.name] != each.meaning:
            at.query(f"ALTER TABLE {at.sql} ALTER COLUMN `{each.name}` COMMENT {sql_literal(each.meaning)}")
    at.query(f"COMMENT ON TABLE {at.sql} IS {sql_literal(table.summary)}")


def list_tables(catalog: str, layer: str, session: SparkSession) -> set[str]:
    """Return the names of the tables of a layer; none where the catalog lacks the layer."""
    try:
        return {row.tableName for row in session.sql(f"SHOW TABLES IN `{catalog}`.`{layer}`").collect()}
    except AnalysisException:
        return set()


def _create(at: CatalogAddress, statement: str) -> None:
    """Create a table, and the schema before it where that is missing."""
    try:
        at.query(statement)
    except AnalysisException as error:
        if "SCHEMA_NOT_FOUND" not in str(error):
            raise
        catalog, layer, _ = at.split(".")
        at.query(f"CREATE SCHEMA IF NOT EXISTS `{catalog}`.`{layer}`")
        at.query(statement)


def _check_columns(table: Table[...], at: CatalogAddress, names: Collection[str]) -> None:
    if lacks := [column.name for column in table.columns if column.name not in names]:
        raise IncompatibleLakeError(at.split(".")[0], f"{table.qualified_name} lacks {', '.join(lacks)}")


def _set_properties(table: Table[...], at: CatalogAddress) -> None:
    wanted, stored = RECORDED | statistics_properties(table), CatalogLog(at).properties()
    if missing := {name: value for name, value in wanted.items() if stored.get(name) != value}:
        at.query(f"ALTER TABLE {at.sql} SET TBLPROPERTIES {_properties(missing)}")


def _properties(values: Mapping[str, str]) -> str:
    return f"({', '.join(f'{sql_literal(name)} = {sql_literal(value)}' for name, value in values.items())})"
