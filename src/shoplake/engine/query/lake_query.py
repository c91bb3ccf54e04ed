"""Runs a query over tables of a lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.errors import PySparkException

from shoplake.engine.query.dataframe import LakeFrame
from shoplake.engine.query.query_error import sql_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.declare import Table
    from shoplake.engine.protocol import TableReader


def run_query(engine: TableReader, query: str, tables: Mapping[str, Table[...]]) -> LakeFrame:
    """Return the result of a query over `tables`, by `layer.name`. Raises QueryError where the engine rejects it."""
    from shoplake.engine.query.sql import qualify_tables  # its parser is slow to load

    places = {name: engine.sql_name(table) for name, table in tables.items()}
    columns = dict.fromkeys(column.name for table in tables.values() for column in table.columns)
    try:
        rows = engine.sql(qualify_tables(query, places))
        _ = rows.schema
    except PySparkException as error:
        raise sql_error(error, query, columns) from error
    return LakeFrame(rows, columns)
