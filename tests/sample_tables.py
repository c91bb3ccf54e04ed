"""Sample tables, one per write mode, and the means to put records into them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from shoplake.columns.raw_record import BRONZE_COLUMNS, json_record, parse_as, payload_hash, type_errors
from shoplake.declare import (
    VALIDITY,
    Append,
    Feed,
    FeedKind,
    Replace,
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
    from shoplake.declare import Table

FEED = col("feed", "string", "Which shop", required=True)
DAY = col("day", "date", "The day of it")
MARKS = (
    FEED,
    col("id", "string", "Its id", required=True),
    col("at", "timestamp", "When it was made", unit="UTC", required=True),
    DAY,
    col("who", "string", "Who made it"),
    col("n", "int", "How many", unit="pieces"),
    col("payload_hash", "bigint", "Tells repeats from conflicts"),
    col("batch_id", "string", "Its batch"),
)
CHANGES = (
    FEED,
    col("thing", "string", "Which thing", required=True),
    col("price", "decimal(18,2)", "What it costs", unit="currency"),
    col("changed_at", "timestamp", "Since when", unit="UTC", required=True),
)
VERSIONS = (*CHANGES[:-1], *VALIDITY)
VISITS = (
    col("feed", "string", "Which shop"),
    col("who", "string", "Whose visit"),
    col("started_at", "timestamp", "Its first mark", unit="UTC"),
    col("ended_at", "timestamp", "Its last mark", unit="UTC"),
    col("day", "date", "The day of its first mark"),
    col("marks", "bigint", "Marks in it", unit="marks"),
)
RULES = [expect("n_positive", "n > 0")]
PAUSE = 1800
DAYS = ["2026-03-01", "2026-03-02", "2026-03-03"]


@table("bronze", write=Append(), partition_by=["batch_id"], columns=BRONZE_COLUMNS)
def marks_raw(landed: DataFrame) -> DataFrame:
    """One row per record of a mark."""
    return landed


@table("bronze", write=Append(), partition_by=["batch_id"], columns=BRONZE_COLUMNS)
def prices_raw(landed: DataFrame) -> DataFrame:
    """One row per record of a price."""
    return landed


def read_marks(raw: DataFrame) -> DataFrame:
    at = parse_as("at", "timestamp")
    return json_record(raw, "id string, at string, who string, n string").select(
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
    key=["feed", "id"],
    write=Upsert(order_by="at", keep="first", dedup_window_days=7),
    partition_by=["day"],
    incremental="marks_raw",
    columns=MARKS,
    expectations=RULES,
)
def marks(marks_raw: DataFrame) -> DataFrame:
    """One row per mark: the first of its id within 7 days."""
    return read_marks(marks_raw)


@table(
    "silver",
    key=["feed", "id"],
    write=Upsert(order_by="at"),
    incremental="marks_raw",
    columns=MARKS,
    expectations=RULES,
)
def latest(marks_raw: DataFrame) -> DataFrame:
    """One row per id: its newest mark."""
    return read_marks(marks_raw)


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
        gap_s=PAUSE,
    ),
    partition_by=["day"],
    incremental="marks",
    columns=VISITS,
)
def visits(marks: DataFrame) -> DataFrame:
    """One row per visit: marks of one who, none more than 30 minutes after the one before."""
    in_time = Window.partitionBy("feed", "who").orderBy("at", "id")
    pause = F.unix_micros("at") - F.unix_micros(F.lag("at").over(in_time))
    is_first = F.coalesce(pause > PAUSE * 1_000_000, F.lit(True)).cast("int")
    numbered = marks.withColumn("_first", is_first).withColumn("_visit", F.sum("_first").over(in_time))
    return (
        numbered.groupBy("feed", "who", "_visit")
        .agg(
            F.min("at").alias("started_at"),
            F.max("at").alias("ended_at"),
            F.min("at").cast("date").alias("day"),
            F.count("*").alias("marks"),
        )
        .drop("_visit")
    )


@table(
    "silver",
    key=["feed", "thing", "valid_from"],
    write=Scd2("changed_at"),
    partition_by=["valid_to_month"],
    incremental="prices_raw",
    change_columns=CHANGES,
    columns=VERSIONS,
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
    "gold",
    key=["feed", "day"],
    write=Replace(partition_by="day"),
    partition_by=["day"],
    columns=[FEED, DAY, col("pieces", "bigint", "Marked", unit="pieces"), col("things", "bigint", "Known", unit="1")],
)
def daily(marks: DataFrame, prices: DataFrame) -> DataFrame:
    """One row per feed and day."""
    things = prices.groupBy("feed").agg(F.countDistinct("thing").alias("things"))
    days = marks.groupBy("feed", "day").agg(F.sum("n").alias("pieces"))
    return days.join(things, on="feed", how="left").select("feed", "day", "pieces", "things")


@table(
    "silver",
    key=["feed", "id"],
    write=Replace(partition_by="day", one_to_one_with="marks"),
    partition_by=["day"],
    columns=[FEED, DAY, *(each for each in MARKS if each.name in ("id", "n"))],
)
def copies(marks: DataFrame) -> DataFrame:
    """One row per mark, with a few of its columns."""
    return marks.select("feed", "day", "id", "n")


@table("gold", key=["feed"], write=Replace(), columns=[FEED, col("pieces", "bigint", "Marked", unit="pieces")])
def totals(daily: DataFrame) -> DataFrame:
    """One row per feed."""
    return daily.groupBy("feed").agg(F.sum("pieces").cast("bigint").alias("pieces"))


FIELDS = ("id", "at", "who", "n")
MARK_FILES = Stream("marks/*.json", "json", "marks_raw", FIELDS)
PRICE_FILES = Stream("prices/*.json", "json", "prices_raw", ("thing", "price", "changed_at"))
RECEIPT_FILES = Stream("receipts/*.json", "json", "receipts_raw", ("id", "day", "updated_at", "lines"))
KIND = FeedKind("toy", "Marks, prices and receipts", (MARK_FILES, PRICE_FILES, RECEIPT_FILES), {})
CATALOG = Catalog([marks_raw, prices_raw, marks, latest, visits, prices, daily, totals])
ARRIVED = datetime(2026, 3, 9, 12, tzinfo=UTC)


def feed(landing: Path) -> Feed:
    return Feed("shop", KIND, str(landing))


def mark(name: str, at: str = "2026-03-01T09:00:00Z", who: str = "ada", n: object = 1) -> dict[str, object]:
    return {"id": name, "at": at, "who": who, "n": n}


def price(thing: str, amount: str, at: str) -> dict[str, object]:
    return {"thing": thing, "price": amount, "changed_at": at}


def records(session: Any, *output: dict[str, object] | str, batch: str = "b000000001") -> DataFrame:
    """Rows of a bronze table: what each record says, from one batch."""
    schema = ", ".join(f"{column.name} {column.type}" for column in BRONZE_COLUMNS)
    rows = [
        ("shop", each if isinstance(each, str) else json.dumps(each), "f", line, None, None, batch, ARRIVED)
        for line, each in enumerate(output, 1)
    ]
    return session.createDataFrame(rows, schema)


def drop(path: Path, *output: dict[str, object] | str) -> Path:
    """A file of lines in a landing folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in output))
    return path


def rows_of(engine: Any, declared: Table[...], *names: str) -> list[tuple[Any, ...]]:
    """The rows of a table as they stand, sorted, as plain values."""
    from deltalake import DeltaTable  # the tests of catalogs import this module where there is no deltalake

    found = DeltaTable(engine.path(declared)).to_pyarrow_table(columns=list(names) or None).to_pylist()
    return sorted((tuple(row.values()) for row in found), key=str)
