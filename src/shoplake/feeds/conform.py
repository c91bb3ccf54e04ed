"""Schema mapping: raw records of all configured feeds to the columns of a silver table."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, TYPE_ERRORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame

    from shoplake.declare import Column, Feeds
    from shoplake.declare.feed import Mapper

_columns_by_mapper: dict[Mapper, frozenset[str]] = {}


def conform(name: str, columns: Sequence[Column], feeds: Feeds, **raw: DataFrame) -> DataFrame:
    """Map the bronze tables `raw` of all feeds to the silver table `name` and return its `columns` in order.

    Adds `_source` and `_type_errors`. A column that a kind does not map is null. Feeds without a mapping for the
    table have no rows.
    """
    parts = [
        (mapper(raw[table].where(F.col("feed") == feed.name), feed), mapper)
        for feed in feeds
        for table, mapper in feed.kind.mappings.get(name, {}).items()
        if table in raw
    ]
    if not parts:
        return _empty(next(iter(raw.values())), columns)
    aligned = [_align(part, columns, _mapped_columns(part, mapper)) for part, mapper in parts]
    return reduce(lambda one, other: one.unionAll(other), aligned)


def _mapped_columns(rows: DataFrame, mapper: Mapper) -> frozenset[str]:
    """Return the columns that a mapper returns, cached per mapper: they are constant, and analysis is a round trip."""
    return _columns_by_mapper.get(mapper) or _columns_by_mapper.setdefault(mapper, frozenset(rows.columns))


def _align(rows: DataFrame, columns: Sequence[Column], mapped: frozenset[str]) -> DataFrame:
    cells = [
        F.col(column.name).cast(column.type) if column.name in mapped else F.lit(None).cast(column.type)
        for column in columns
    ]
    named = [cell.alias(column.name) for cell, column in zip(cells, columns, strict=True)]
    return rows.select(*named, RECORD, TYPE_ERRORS)


def _empty(raw: DataFrame, columns: Sequence[Column]) -> DataFrame:
    record = F.struct("raw", "file", "line", "batch_id", "ingested_at", "problem").alias(RECORD)
    type_errors = F.array(F.lit("")).alias(TYPE_ERRORS)
    cells = [F.lit(None).cast(column.type).alias(column.name) for column in columns if column.name != "feed"]
    return raw.where(F.lit(False)).select("feed", *cells, record, type_errors)
