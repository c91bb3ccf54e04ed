from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from reliability.lakes import with_read

from shoplake.declare.catalog import Catalog
from shoplake.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SETTINGS = """\
[feeds.stall]
kind = "{kind}"
path = "landing"
timezone = "Europe/London"
currency = "GBP"
"""
KIND = """\
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.raw_record import RECORD, csv_record, parse_as, payload_hash, type_errors
from shoplake.declare import FeedKind, Stream


def sold(orders_raw, feed):
    at, price = parse_as("at", "timestamp"), parse_as("price", money.UNIT)
    return csv_record(orders_raw, ("id", "at", "price", "colour")).select(
        "feed", F.col("id").alias("order_id"), F.col("id").alias("document_id"),
        F.lit(1).cast("bigint").alias("line_number"), F.lit("sale").alias("kind"), F.lit("goods").alias("line_class"),
        at.alias("ordered_at"), at.cast("date").alias("order_date"), F.lit("P1").alias("product_id"),
        F.lit(1).alias("quantity"), price.alias("unit_price"), price.cast("decimal(18,4)").alias("amount"),
        payload_hash(), F.col(f"{RECORD}.batch_id").alias("batch_id"),
        F.col(f"{RECORD}.ingested_at").alias("ingested_at"), RECORD, type_errors(at="timestamp", price=money.UNIT),
    )


STALL = FeedKind(
    "stall", "A stall", (Stream("*.csv", "csv", into="orders_raw", fields=("id", "at", "price", "colour")),),
    {"order_lines": {"orders_raw": sold}},
)
"""
TABLE = '''\
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table


def doubled(batches):
    for batch in batches:
        yield batch.assign(lines=batch["lines"] * FACTOR)


FACTOR = 2


@table("gold", key=["feed"], write=Replace(), columns=[
    col("feed", "string", "The feed"), col("lines", "bigint", "Twice the lines", unit="lines")])
def {name}({reads}):
    """One row per feed: twice its lines."""
    counts = {reads}.groupBy("feed").agg(F.count("*").alias("lines"))
    return counts.mapInPandas(doubled, "feed string, lines bigint")
'''
RULES = """\
from shoplake.declare import expect, extend, warn

OWN = [expect("is_cheap", "unit_price < 100"), warn("is_low", "amount < 9")]
RULES = [extend("silver.order_lines", expectations=OWN)]
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write files of a project, by path and text, and return its folder."""

    def write_files(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write_files


@pytest.fixture
def project(write: Callable[..., Path]) -> Path:
    """The folder of a project with a kind, two tables of which one reads the other, rules, and three sales."""
    return write(
        {
            "shoplake.toml": SETTINGS.format(kind="stall"),
            "feeds/stall.py": KIND,
            "tables/gold/line_counts.py": TABLE.format(name="line_counts", reads="order_lines"),
            "tables/gold/feed_counts.py": TABLE.format(name="feed_counts", reads="line_counts"),
            "rules.py": RULES,
            "landing/a.csv": "id,at,price,colour\n1,2026-03-01 09:00,5.00,red\n2,2026-03-01 10:00,20.00,red\n"
            "3,2026-03-02 10:00,200.00,red\n",
        }
    )


def lake_of(project: Path, *tables: str) -> Lake:
    """The lake of a project, of these tables and those that they read."""
    lake = Lake.open(project / "shoplake.toml")
    lake.catalog = Catalog(with_read(lake.catalog, tables))
    return lake


@pytest.fixture
def lake(project: Path) -> Lake:
    """The project's lake, of its own tables and those that they read."""
    return lake_of(project, "line_counts", "feed_counts")
