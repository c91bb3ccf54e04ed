"""Changes of a table's columns in its log, and what differs between the log and the declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pyspark.sql import functions as F

from shoplake.engine.storage import delta_log
from shoplake.engine.storage.catalog import catalog_tables
from shoplake.engine.storage.catalog.address import CatalogAddress
from shoplake.engine.storage.catalog.catalog_log import CatalogLog
from shoplake.engine.storage.table_cache import load_table, open_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare import Table


class SchemaDifference(NamedTuple):
    """The declared columns that a log lacks, those it has beyond them, those of another type, and partitioning."""

    added: tuple[str, ...]
    dropped: tuple[str, ...]
    retyped: tuple[str, ...]
    is_repartitioned: bool

    @property
    def needs_overwrite(self) -> bool:
        """Whether only an overwrite of all rows brings the log to the declaration."""
        return bool(self.dropped or self.retyped or self.is_repartitioned)


def stored_columns(table: Table[...], at: str) -> tuple[tuple[str, str, str], ...]:
    """Return the columns in the log as `(name, type, meaning)`; unchanged types are spelled as declared."""
    columns = _catalog_columns(table, at) if isinstance(at, CatalogAddress) else _folder_columns(table, at)
    order = {each.name: place for place, each in enumerate(table.columns)}
    return tuple(sorted(columns, key=lambda each: order.get(each[0], len(order))))


def _folder_columns(table: Table[...], at: str) -> list[tuple[str, str, str]]:
    declared = {each.name: each for each in delta_log.delta_fields(table)}
    types = {each.name: (each.type, each.meaning) for each in table.columns}
    columns = []
    for field in open_table(at).schema().fields:
        same = field.name in declared and declared[field.name].type == field.type
        type, meaning = types[field.name] if same else (delta_log.type_text(field.type), "")
        columns.append((field.name, type, meaning))
    return columns


def _catalog_columns(table: Table[...], at: CatalogAddress) -> list[tuple[str, str, str]]:
    declared = {each.name: each for each in table.columns}
    stored = CatalogLog(at).columns()
    same = {name for name, type, _ in stored if name in declared and declared[name].type == type}
    return [(name, type, declared[name].meaning if name in same else "") for name, type, _ in stored]


def schema_difference(table: Table[...], at: str) -> SchemaDifference:
    """Return how the log at `at` differs from the declaration; a bronze column may have its former name."""
    stored: dict[str, Any]
    declared: dict[str, Any]
    if isinstance(at, CatalogAddress):
        stored = {name: type for name, type, _ in CatalogLog(at).columns()}
        declared, parts = {each.name: each.type for each in table.columns}, CatalogLog(at).partition_columns()
    else:
        opened = open_table(at)
        stored = {field.name: field.type for field in opened.schema().fields}
        declared = {field.name: field.type for field in delta_log.delta_fields(table)}
        parts = list(opened.metadata().partition_columns)
    former = {column.was for column in table.columns} if table.layer == "bronze" else set()
    return SchemaDifference(
        tuple(name for name in declared if name not in stored),
        tuple(name for name in stored if name not in declared and name not in former),
        tuple(name for name in declared if name in stored and stored[name] != declared[name]),
        parts != list(table.partition_by),
    )


def add_columns(table: Table[...], at: str) -> None:
    """Add the declared columns that the log lacks; existing rows have null there."""
    added = schema_difference(table, at).added
    if added and isinstance(at, CatalogAddress):
        catalog_tables.add_columns(table, at, added)
    elif added:
        load_table(at).alter.add_columns([field for field in delta_log.delta_fields(table) if field.name in added])


def update_comments(table: Table[...], at: str) -> None:
    """Update comments and description in the log, and drop NOT NULL, which no declared column has."""
    if isinstance(at, CatalogAddress):
        catalog_tables.update_comments(table, at)
        return
    stored = {field.name: field for field in open_table(at).schema().fields}
    for field in delta_log.delta_fields(table):
        was = stored.get(field.name)
        if was is not None and not was.nullable:
            load_table(at).alter.drop_column_not_null(field.name)
        if was is not None and was.metadata.get("comment") != field.metadata["comment"]:
            load_table(at).alter.set_column_metadata(field.name, {"comment": field.metadata["comment"]})
    if open_table(at).metadata().description != table.summary:
        load_table(at).alter.set_table_description(table.summary)


def with_former_names(rows: DataFrame, table: Table[...]) -> DataFrame:
    """Return the rows of a bronze table with its declared columns; a renamed column is read under both its names."""
    if table.layer != "bronze" or not any(column.was for column in table.columns):
        return rows
    stored = set(rows.columns)
    cells = {column.name: [name for name in (column.name, column.was) if name in stored] for column in table.columns}
    return rows.select(*[F.coalesce(*names).alias(name) for name, names in cells.items()])
