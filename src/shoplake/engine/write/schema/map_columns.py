"""Map columns as texts, because engines do not compare, group or hash maps alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.json import parse_written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyspark.sql import Column as SqlColumn
    from pyspark.sql import DataFrame

    from shoplake.declare import Column


def encode_maps(rows: DataFrame, columns: Iterable[Column]) -> DataFrame:
    """Replace each map column by its JSON, which is equal for equal maps whose keys have one order."""
    texts = {column.name: F.to_json(column.name) for column in columns if _is_map(column)}
    return rows.withColumns(texts) if texts else rows


def encoded_type(column: Column) -> str:
    """Return the type that a column has once its maps are encoded."""
    return "string" if _is_map(column) else column.type


def decode_maps(rows: DataFrame, columns: Iterable[Column]) -> DataFrame:
    """Replace the JSON of each map column by the map."""
    maps = {column.name: parse_written(column.name, column.type) for column in columns if _is_map(column)}
    return rows.withColumns(maps) if maps else rows


def distinct_rows(rows: DataFrame, columns: Iterable[Column]) -> DataFrame:
    """Return each row once; the rows have the `columns`."""
    columns = tuple(columns)
    return decode_maps(encode_maps(rows, columns).distinct(), columns)


def row_hash(columns: Iterable[Column]) -> SqlColumn:
    """Return a hash of the `columns` of a row that has them."""
    return F.xxhash64(*[F.to_json(column.name) if _is_map(column) else F.col(column.name) for column in columns])


def with_stored_types(rows: DataFrame, stored: DataFrame) -> DataFrame:
    """Give the nested columns of materialized rows the types of a table's stored ones.

    Sail 0.7.2 names the entries of a map, and the fields in a list, by where they come from, and replaces no partitions
    by rows with other names.
    """
    return stored.where(F.lit(False)).select(*rows.columns).unionAll(rows)


def has_maps(columns: Iterable[Column]) -> bool:
    """Whether any of the columns is a map."""
    return any(map(_is_map, columns))


def _is_map(column: Column) -> bool:
    return column.type.startswith("map<")
