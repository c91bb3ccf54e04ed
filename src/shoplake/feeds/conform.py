"""Schema mapping: raw records of all configured feeds to the columns of a silver table."""

from __future__ import annotations

import re
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.errors import AnalysisException, UnsupportedOperationException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns.attributes import MAP, sorted_map
from shoplake.columns.raw_record import RECORD, TYPE_ERRORS, null_if_empty
from shoplake.columns.record_place import OWN_BATCH, has_own_batch
from shoplake.columns.time import local_date
from shoplake.declare.kinds.kind_check import function_name
from shoplake.declare.kinds.mapped_columns import columns_by_mapper, declared_columns, joining_mappers
from shoplake.errors import KindError, hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from pyspark.sql import Column as SqlColumn

    from shoplake.declare import Column, Feed, Feeds
    from shoplake.declare.kinds.feed import Mapper

MISSING_COLUMN = re.compile(r'Identifier\("([^"]*)"\)\]\) is missing|UNRESOLVED_COLUMN\S* .*?with name `([^`]+)`')
"""What engines say of a column that does not exist."""
OPTIONAL = "attributes"
"""The column that a kind may map for any table; a table that does not declare it leaves it out."""
IS_BOT = "is_bot"
TIMES = {"event_date": "event_at", "order_date": "ordered_at", "paid_date": "paid_at"}
"""The shop's days of a record, and the times that they are the days of."""
CURRENCY = "currency"

REFERENCES = frozenset(("customer_id", "order_id", "product_id", "country", "category", "parent_category"))
"""Columns in which many exports write an empty text for "none": a guest, a page that is no product's."""


def conform(name: str, columns: Sequence[Column], feeds: Feeds, **raw: DataFrame) -> DataFrame:
    """Map the bronze tables `raw` of all feeds to the silver table `name` and return its `columns` in order.

    Adds `_source` and `_type_errors`. A column that a kind does not map is null, and so is an empty text in one of
    `REFERENCES`; but what nobody says is a bot is none, because measures of visitors count what is no bot, and a day
    that is not mapped is the shop's day of its time, because tables are partitioned by it. Currencies are in capitals,
    as ISO 4217 has them. Feeds without a mapping for the table have no rows. Raises KindError for a function that
    returns other columns than `columns`, or not all required ones, or not the two that are added.
    """
    parts = [
        (_part(name, columns, feed, mapper, raw[table].where(F.col("feed") == feed.name)), (mapper, name))
        for feed in feeds
        for table, mapper in feed.kind.mappings.get(name, {}).items()
        if table in raw
    ]
    if not parts:
        return _empty(next(iter(raw.values())), columns)
    joined = [mapping in joining_mappers for _, mapping in parts]
    return reduce(lambda one, other: one.unionAll(other), _of_one_type([rows for rows, _ in parts], joined))


def _of_one_type(parts: Sequence[DataFrame], joined: Sequence[bool]) -> list[DataFrame]:
    """Return the rows with the same fields in `_source`: beside joined records the others have an own batch of null."""
    if all(joined) or not any(joined):
        return [*parts]
    record = F.col(RECORD).withField(OWN_BATCH, F.lit(None).cast("string"))
    return [rows if each else rows.withColumn(RECORD, record) for rows, each in zip(parts, joined, strict=True)]


def _part(name: str, columns: Sequence[Column], feed: Feed, mapper: Mapper, raw: DataFrame) -> DataFrame:
    """Return the rows of one feed from one input table."""
    rows = mapper(raw, feed)
    mapped = declared_columns(mapper, columns) or columns_by_mapper.get((mapper, name))
    if mapped is None:
        function = f"Kind '{feed.kind.name}': {function_name(mapper)}"
        fields = {field for stream in feed.kind.streams for field in stream.fields}
        mapped = _checked_columns(function, name, columns, rows, fields)
        columns_by_mapper[mapper, name] = mapped
        if has_own_batch(rows):
            joining_mappers.add((mapper, name))
    aligned = _align(rows, columns, mapped, feed)
    says_always = declared_columns(mapper, columns) is not None
    return aligned if says_always or IS_BOT not in aligned.columns else _with_bots(aligned)


def _checked_columns(
    function: str, name: str, columns: Sequence[Column], rows: object, fields: Collection[str]
) -> frozenset[str]:
    """Return the columns of a mapper's rows, cached per mapper: a project's own declare nothing, and are analysed."""
    if not isinstance(rows, DataFrame):
        raise KindError([f"{function} returns {type(rows).__name__}, not a DataFrame. End it with: return …"])
    try:
        mapped = frozenset(rows.columns)
    except (AnalysisException, UnsupportedOperationException) as error:
        raise KindError([f"{function} {_analysis_mistake(str(error), fields)}"]) from error
    if mistakes := list(_mistakes(name, columns, mapped)):
        raise KindError(f"{function} {mistake}" for mistake in mistakes)
    return mapped


def _analysis_mistake(error: str, fields: Collection[str]) -> str:
    """Return what an engine says of a function; of a column that there is not, its name and the nearest field."""
    missing = MISSING_COLUMN.search(error)
    if missing is None:
        return f"cannot be analysed: {error.splitlines()[0]}"
    read = missing[1] or missing[2]
    dotted = next((field for field in sorted(fields) if read in field.split(".")), None)
    if dotted is not None and dotted != read:
        renamed = f'rows.withColumnsRenamed({{"{dotted}": "{read}"}})'
        return (
            f"reads '{read}', a part of the name '{dotted}'. Write F.col('`{dotted}`'), or rename it first: {renamed}."
        )
    return f"reads '{read}', which is no column there. {hint(read, fields)}".rstrip()


def _mistakes(name: str, columns: Sequence[Column], mapped: frozenset[str]) -> Iterator[str]:
    """Yield what is wrong with the names of the columns that a mapper of silver.`name` returns."""
    declared = {column.name for column in columns}
    for unknown in sorted(mapped - declared - {RECORD, TYPE_ERRORS, OPTIONAL}):
        missing = declared - mapped
        yield f"returns the column '{unknown}', which silver.{name} does not have. {hint(unknown, missing or declared)}"
    required = [column.name for column in columns if column.required and column.name not in mapped]
    if required:
        yield f"does not return {', '.join(map(repr, required))}, which silver.{name} requires."
    if RECORD not in mapped:
        yield f"does not return '{RECORD}'. End its select with RECORD."
    if TYPE_ERRORS not in mapped:
        yield f"does not return '{TYPE_ERRORS}'. End its select with type_errors(…)."


def _align(rows: DataFrame, columns: Sequence[Column], mapped: frozenset[str], feed: Feed) -> DataFrame:
    cells = [_cell(each) if each.name in mapped else _unmapped_cell(each, mapped, feed) for each in columns]
    named = [cell.cast(each.type).alias(each.name) for cell, each in zip(cells, columns, strict=True)]
    return rows.select(*named, RECORD, TYPE_ERRORS)


def _with_bots(rows: DataFrame) -> DataFrame:
    """Return the rows of a project's own kind; its events without an `is_bot` are no bot's."""
    return rows.withColumn(IS_BOT, F.coalesce(IS_BOT, F.lit(False)))


def _unmapped_cell(column: Column, mapped: frozenset[str], feed: Feed) -> SqlColumn:
    """Return the day of a time that is mapped, in the feed's time zone; null for any other column."""
    time = TIMES.get(column.name)
    return local_date(F.col(time), feed.timezone) if time in mapped else F.lit(None)


def _cell(column: Column) -> SqlColumn:
    if column.name == CURRENCY:
        return F.nullif(F.upper(F.trim(column.name)), F.lit(""))
    if column.name in REFERENCES:
        return null_if_empty(column.name)
    return sorted_map(column.name) if column.type == MAP else F.col(column.name)


def _empty(raw: DataFrame, columns: Sequence[Column]) -> DataFrame:
    record = F.struct("raw", "file", "line", "batch_id", "ingested_at", "problem").alias(RECORD)
    type_errors = F.array(F.lit("")).alias(TYPE_ERRORS)
    cells = [F.lit(None).cast(column.type).alias(column.name) for column in columns if column.name != "feed"]
    return raw.where(F.lit(False)).select("feed", *cells, record, type_errors)
