"""Runs a query over tables of a lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.errors import PySparkException

from shoplake.engine.query.dataframe import LakeFrame
from shoplake.engine.query.query_error import sql_error

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from shoplake.declare import Table
    from shoplake.engine.protocol import TableReader


def run_query(
    engine: TableReader, query: str, tables: Mapping[str, Table[...]], versions: Collection[tuple[str, int]] = ()
) -> LakeFrame:
    """Return the result of a query over `tables`, by `layer.name`, and over earlier `versions` of some of them.

    Raises QueryError where the engine rejects it, VersionNotFoundError for a version that is gone.
    """
    from shoplake.engine.query.sql import qualify_tables, versioned_name  # its parser is slow to load

    places = {name: engine.sql_name(table) for name, table in tables.items()}
    places |= {versioned_name(name, of): engine.sql_name(tables[name], of) for name, of in versions}
    columns = dict.fromkeys(column.name for table in tables.values() for column in table.columns)
    try:
        rows = engine.sql(qualify_tables(query, places))
        _ = rows.schema
    except PySparkException as error:
        raise sql_error(error, query, columns) from error
    return LakeFrame(rows, columns)
