"""Small tables that together have every write mode, and the feed kind that fills them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from shoplake.columns.raw_record import (
    BRONZE_COLUMNS,
    VERSION_COLUMNS,
    json_record,
    parse_as,
    payload_hash,
    type_errors,
)
from shoplake.declare import (
    VALIDITY,
    Append,
    FeedKind,
    Replace,
    ReplaceDocuments,
    Scd2,
    SessionWindow,
    Stream,
    Upsert,
    col,
    expect,
    table,
)
from shoplake.declare.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.declare import Expectation, Table

PAUSE_S = 1800
"""Seconds without a mark after which a visit is over."""
FEED = col("feed", "string", "Which shop", required=True)
DAY = col("day", "date", "The day of it")
COUNT = col("n", "int", "How many", unit="pieces")
HASH = col("payload_hash", "bigint", "Tells repeats from conflicts")
BATCH = col("batch_id", "string", "Its batch")
STRICT, LOOSE = 0, -3
"""Numbers that a row must exceed, by the strict rule and by the loose one."""


def limit_rule(limit: int) -> Expectation:
    """Return the rule that `n` is greater than a limit; its name is the same for every limit."""
    return expect("n_above_limit", f"n > {limit}")


@table("bronze", write=Append(), partition_by=["batch_id"], columns=BRONZE_COLUMNS)
def marks_raw(landed: DataFrame) -> DataFrame:
    """One row per record of a mark."""
    return landed


@table("bronze", write=Append(), partition_by=["batch_id"], columns=BRONZE_COLUMNS)
def prices_raw(landed: DataFrame) -> DataFrame:
    """One row per record of a price."""
    return landed


@table("bronze", write=Append(), partition_by=["batch_id"], columns=BRONZE_COLUMNS)
def receipts_raw(landed: DataFrame) -> DataFrame:
    """One row per record of a receipt."""
    return landed


@table(
    "silver",
    key=["feed", "id"],
    write=Upsert(order_by="at"),
    partition_by=["day"],
    incremental="marks_raw",
    columns=[
        FEED,
        col("id", "string", "Its id", required=True),
        col("at", "timestamp", "When it was made", unit="UTC", required=True),
        DAY,
        col("who", "string", "Who made it"),
        COUNT,
        HASH,
        BATCH,
    ],
    expectations=[limit_rule(STRICT)],
)
def marks(marks_raw: DataFrame) -> DataFrame:
    """One row per id: its newest mark."""
    at = parse_as("at", "timestamp")
    return json_record(marks_raw, "id string, at string, who string, n string").select(
        "feed",
        "id",
        at.alias("at"),
        at.cast("date").alias("day"),
        "who",
        parse_as("n", "int").alias("n"),
        payload_hash(),
        F.col("_source.batch_id").alias("batch_id"),
        "_source",
        type_errors(n="int"),
    )


@table(
    "silver",
    key=["feed", "who", "started_at"],
    write=SessionWindow(
        key="who",
        event_time="at",
        event_date="day",
        start="started_at",
        end="ended_at",
        partition_by="day",
        gap_s=PAUSE_S,
    ),
    partition_by=["day"],
    incremental="marks",
    columns=[
        col("feed", "string", "Which shop"),
        col("who", "string", "Whose visit"),
        col("started_at", "timestamp", "Its first mark", unit="UTC"),
        col("ended_at", "timestamp", "Its last mark", unit="UTC"),
        col("day", "date", "The day of its first mark"),
        col("marks", "bigint", "Marks in it", unit="marks"),
    ],
)
def visits(marks: DataFrame) -> DataFrame:
    """One row per visit: marks of one visitor, none more than 30 minutes after the one before."""
    in_time = Window.partitionBy("feed", "who").orderBy("at", "id")
    pause = F.unix_micros("at") - F.unix_micros(F.lag("at").over(in_time))
    is_first = F.coalesce(pause > PAUSE_S * 1_000_000, F.lit(True)).cast("int")
    numbered = marks.withColumn("_first", is_first).withColumn("_visit", F.sum("_first").over(in_time))
    visit = numbered.groupBy("feed", "who", "_visit")
    first, last = F.min("at").alias("started_at"), F.max("at").alias("ended_at")
    rows = visit.agg(first, last, F.min("at").cast("date").alias("day"), F.count("*").alias("marks"))
    return rows.drop("_visit")


@table(
    "gold",
    key=["feed", "day"],
    write=Replace(partition_by="day"),
    partition_by=["day"],
    columns=[FEED, DAY, col("pieces", "bigint", "Marked", unit="pieces")],
)
def daily(marks: DataFrame) -> DataFrame:
    """One row per feed and day."""
    return marks.groupBy("feed", "day").agg(F.sum("n").alias("pieces"))


@table(
    "silver",
    key=["feed", "thing", "valid_from"],
    write=Scd2("changed_at"),
    partition_by=["valid_to_month"],
    incremental="prices_raw",
    change_columns=[
        FEED,
        col("thing", "string", "Which thing", required=True),
        col("price", "decimal(18,2)", "What it costs", unit="currency"),
        col("changed_at", "timestamp", "Since when", unit="UTC", required=True),
    ],
    columns=[
        FEED,
        col("thing", "string", "Which thing", required=True),
        col("price", "decimal(18,2)", "What it costs", unit="currency"),
        *VALIDITY,
    ],
)
def prices(prices_raw: DataFrame) -> DataFrame:
    """One row per version of a thing."""
    return json_record(prices_raw, "thing string, price string, changed_at string").select(
        "feed",
        "thing",
        parse_as("price", "decimal(18,2)").alias("price"),
        parse_as("changed_at", "timestamp").alias("changed_at"),
        "_source",
        type_errors(price="decimal(18,2)"),
    )


@table(
    "silver",
    key=["feed", "id", "line"],
    write=ReplaceDocuments(("id",)),
    partition_by=["day"],
    incremental="receipts_raw",
    columns=[
        FEED,
        col("id", "string", "The receipt", required=True),
        col("line", "int", "Its line", required=True),
        DAY,
        COUNT,
        col("updated_at", "timestamp", "When the receipt last changed", unit="UTC"),
        *VERSION_COLUMNS,
        HASH,
        BATCH,
    ],
    expectations=[limit_rule(STRICT)],
)
def receipts(receipts_raw: DataFrame) -> DataFrame:
    """One row per line of a receipt: a record has all lines."""
    records = json_record(receipts_raw, "id string, day string, updated_at string, lines array<string>")
    return records.select("*", F.posexplode("lines").alias("at", "n")).select(
        "feed",
        "id",
        (F.col("at") + 1).cast("int").alias("line"),
        F.col("day").cast("date").alias("day"),
        F.col("n").try_cast("int").alias("n"),
        parse_as("updated_at", "timestamp").alias("updated_at"),
        F.col("_source.file").alias("source_file"),
        F.col("_source.line").cast("bigint").alias("version_line"),
        payload_hash(),
        F.col("_source.batch_id").alias("batch_id"),
        "_source",
        type_errors(updated_at="timestamp"),
    )


FAMILIES: dict[str, tuple[Table[...], ...]] = {
    "marks": (marks_raw, marks, visits, daily),
    "prices": (prices_raw, prices),
    "receipts": (receipts_raw, receipts),
}
"""Tables by what they are made of: append, upsert, session window and overwrite; history; documents."""
STREAMS = {
    "marks": Stream("marks/*.json", "json", "marks_raw", ("id", "at", "who", "n")),
    "prices": Stream("prices/*.json", "json", "prices_raw", ("thing", "price", "changed_at")),
    "receipts": Stream("receipts/*.json", "json", "receipts_raw", ("id", "day", "updated_at", "lines")),
}


def catalog_of(families: Iterable[str], limit: int) -> Catalog:
    """Return the catalog of some families, whose rule has this limit."""
    tables = [table for family in families for table in FAMILIES[family]]
    return Catalog([replace(each, rules=(limit_rule(limit),)) if each.rules else each for each in tables])


def kind_of(families: Iterable[str]) -> FeedKind:
    """Return the kind of a feed of these families."""
    return FeedKind("soak", "Marks, prices and receipts", tuple(STREAMS[family] for family in families), {})
