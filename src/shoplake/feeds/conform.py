"""From the raw records of every configured feed to one canonical shape."""

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

_known: dict[Mapper, frozenset[str]] = {}


def conform(name: str, columns: Sequence[Column], feeds: Feeds, **raw: DataFrame) -> DataFrame:
    """The rows of shape `name` that the feeds' kinds make of the bronze tables `raw`, in the order of `columns`.

    A column that a kind does not know is null. No feed of that shape: no rows.
    """
    parts = [
        (shape(raw[table].where(F.col("feed") == feed.name), feed), shape)
        for feed in feeds
        for table, shape in feed.kind.mappings.get(name, {}).items()
        if table in raw
    ]
    if not parts:
        return _nothing(next(iter(raw.values())), columns)
    aligned = [_aligned(part, columns, _told(part, shape)) for part, shape in parts]
    return reduce(lambda one, other: one.unionAll(other), aligned)


def _told(rows: DataFrame, shape: Mapper) -> frozenset[str]:
    """The columns of the rows that a kind's function makes; they are always the same, so the engine is asked once."""
    return _known.get(shape) or _known.setdefault(shape, frozenset(rows.columns))


def _aligned(rows: DataFrame, columns: Sequence[Column], known: frozenset[str]) -> DataFrame:
    cells = [
        F.col(column.name).cast(column.type) if column.name in known else F.lit(None).cast(column.type)
        for column in columns
    ]
    named = [cell.alias(column.name) for cell, column in zip(cells, columns, strict=True)]
    return rows.select(*named, RECORD, TYPE_ERRORS)


def _nothing(raw: DataFrame, columns: Sequence[Column]) -> DataFrame:
    record = F.struct("raw", "file", "line", "batch_id", "ingested_at", "problem").alias(RECORD)
    misfits = F.array(F.lit("")).alias(TYPE_ERRORS)
    cells = [F.lit(None).cast(column.type).alias(column.name) for column in columns if column.name != "feed"]
    return raw.where(F.lit(False)).select("feed", *cells, record, misfits)
