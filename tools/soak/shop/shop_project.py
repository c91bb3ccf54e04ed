"""The project of a shop: rules and gates that it adds, and tables of its own, which change in the course of a life."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping
    from pathlib import Path

Variants = tuple[str, ...]

RULES: Mapping[str, Variants] = {
    "silver.events": (
        "",
        'expectations=[expect("cheap", "unit_price IS NULL OR unit_price < 50")]',
        'expectations=[expect("cheap", "(unit_price IS NULL OR unit_price < 50) OR quantity = 2")]',
        'expectations=[expect("cheap", "unit_price IS NULL OR unit_price < 5")]',
        'expectations=[warn("cheap", "unit_price < 50")]',
        'expectations=[expect("cheap", "unit_price IS NULL OR unit_price < 5", stop_above=0.3, at_least=1)]',
        'expectations=[warn("cheap", "quantity < 3", stop_above=0.4, at_least=1)]',
    ),
    "silver.order_lines": (
        "",
        'expectations=[expect("few", "quantity IS NULL OR quantity < 3")]',
        'expectations=[expect("few", "quantity IS NULL OR quantity < 3", stop_above=0.4, at_least=1)]',
        'gates=[unique("customer_id", "product_id", stop=True)]',
    ),
    "silver.payments": ("", 'expectations=[expect("small", "amount < 50")]'),
    "silver.customers": (
        "",
        'expectations=[expect("of_london", "location IN (\'London\')")]',
        "expectations=[expect(\"of_london\", \"location IN ('London', 'Leeds, UK')\")]",
        'expectations=[expect("of_london", "location = \'London\'", stop_above=0.5, at_least=1)]',
    ),
    "silver.ad_costs": (
        "",
        'expectations=[expect("clicked", "clicks > 9")]',
        'expectations=[expect("clicked", "clicks > 9 OR cost < 3")]',
        'expectations=[expect("clicked", "clicks > 9", stop_above=0.5, at_least=1)]',
    ),
    "silver.exchange_rates": ("", 'expectations=[expect("low", "rate < 1")]', 'expectations=[warn("low", "rate < 1")]'),
    "silver.sessions": ("", 'gates=[unique("visitor_id", "session_date", stop=True)]'),
    "gold.sales_daily": ("", 'gates=[unique("sales_date", stop=True)]'),
}
"""What `rules.py` adds to a table, as the arguments of `extend`; the first is nothing."""

DAYS = '''"""A table of the shop."""
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table

@table("gold", key=["feed", "day"], write=Replace({write}), partition_by=[{partition}], columns=[
    col("feed", "string", "The feed"),
    col("day", "date", "The day"),
    {columns}
])
def own_days(events: DataFrame) -> DataFrame:
    """One row per day with events."""
    days = events.withColumnRenamed("event_date", "day").groupBy("feed", "day")
    return days.agg({measures}).select("feed", "day", {names})
'''
SUMS = '''"""Another table of the shop, made of the first."""
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table, unique

@table("gold", key="feed", write=Replace(), gates=[{gates}], columns=[
    col("feed", "string", "The feed"), col("days", "bigint", "Its days", unit="days"),
    col("lines", "bigint", "Its lines", unit="lines"),
])
def own_sums(own_days: DataFrame, order_lines: DataFrame) -> DataFrame:
    """One row per feed."""
    days = own_days.groupBy("feed").agg(F.count("*").alias("days"))
    lines = order_lines.where({where}).groupBy("feed").agg(F.count("*").alias("lines"))
    return days.join(lines, "feed", "full").select("feed", "days", "lines")
'''
MARKS = '''"""A table of the shop that is made of records."""
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns.raw_record import json_record, parse_as, payload_hash, type_errors
from shoplake.declare import Upsert, col, expect, table

@table("silver", key=["feed", "event_id"], write=Upsert(order_by="at", keep="{keep}"), incremental="events_raw",
    partition_by=[{partition}], expectations=[{rules}], columns=[
    col("feed", "string", "The feed", required=True),
    col("event_id", "string", "Its id", required=True),
    col("at", "timestamp", "When", unit="UTC", required=True),
    col("{name}", "string", "Its name"{was}),
    {columns}
    col("payload_hash", "bigint", "Tells repeats from conflicts"),
    col("batch_id", "string", "Its batch"),
])
def own_marks(events_raw: DataFrame) -> DataFrame:
    """One row per event."""
    fields = "event_id string, event_ts string, event_name string, quantity string, product_id string"
    return json_record(events_raw, fields).select(
        "feed", "event_id", parse_as("event_ts", "timestamp").alias("at"), F.col("event_name").alias("{name}"),
        {cells} payload_hash(), F.col("_source.batch_id").alias("batch_id"), "_source", type_errors(quantity="int"),
    )
'''
COUNT = 'col("{0}", "{1}", "How many", unit="events"{2}),'
COLUMNS = {"write": "", "partition": "", "columns": COUNT.format("events", "bigint", "")}
COUNTED = {"measures": 'F.count("*").alias("events")', "names": '"events"'}
BY_DAY = {"write": 'partition_by="day"', "partition": '"day"'}
VISITORS = {
    "columns": f"{COLUMNS['columns']} {COUNT.format('visitors', 'bigint', '')}",
    "measures": f'{COUNTED["measures"]}, F.countDistinct("visitor_id").alias("visitors")',
    "names": '"events", "visitors"',
}
RENAMED = {
    "columns": COUNT.format("marks", "bigint", ', was="events"'),
    "measures": 'F.count("*").alias("marks")',
    "names": '"marks"',
}
NARROW = {
    "columns": COUNT.format("events", "int", ""),
    "measures": 'F.count("*").cast("int").alias("events")',
    "names": '"events"',
}
MARK = {"keep": "last", "partition": "", "rules": "", "name": "name", "was": "", "columns": "", "cells": ""}
QUANTITY = {
    "columns": 'col("quantity", "int", "How many", unit="pieces"),',
    "cells": 'parse_as("quantity", "int").alias("quantity"),',
}
PRODUCT = {"columns": 'col("product_id", "string", "Which"),', "cells": '"product_id",', "partition": '"product_id"'}
IS_KNOWN = """expect("known", "{0} IN ('page_view', 'purchase'{1})")"""
TABLES: Mapping[str, Variants] = {
    "tables/gold/own_days.py": (
        *(DAYS.format(**COLUMNS | COUNTED | each) for each in ({}, BY_DAY, VISITORS, RENAMED, NARROW)),
        *(DAYS.format(**COLUMNS | COUNTED | BY_DAY | each) for each in (VISITORS, RENAMED)),
    ),
    "tables/gold/own_sums.py": (
        "",
        SUMS.format(gates="", where='"quantity > 1"'),
        SUMS.format(gates="", where='"quantity > 2"'),
        SUMS.format(gates='unique("days", stop=True), unique("feed", stop=True)', where='"quantity > 1"'),
    ),
    "tables/silver/own_marks.py": (
        "",
        MARKS.format(**MARK),
        MARKS.format(**MARK | QUANTITY),
        MARKS.format(**MARK | QUANTITY | {"rules": 'expect("some", "quantity > 1")'}),
        MARKS.format(**MARK | QUANTITY | {"rules": 'expect("some", "quantity > 1", stop_above=0.5, at_least=1)'}),
        MARKS.format(**MARK | PRODUCT | {"rules": IS_KNOWN.format("name", "")}),
        MARKS.format(**MARK | PRODUCT | {"rules": IS_KNOWN.format("name", ", 'checkout_started'")}),
        MARKS.format(**MARK | {"name": "event", "was": ', was="name"', "keep": "first"}),
    ),
}
"""What may be in the files of tables; empty where there is no such file."""
KEEPING = ("silver.event_identity", "silver.sessions", "silver.cart_activity", "silver.device_logins")
"""Tables with days, of which no row depends on a row of another day that expires."""
KEPT_SINCE = date(2026, 3, 30)
OWN = ("own_days", "own_sums", "own_marks")
HEADER = '"""Rules of the shop."""\nfrom shoplake.declare import expect, extend, unique, warn\n\n'


@dataclass(frozen=True)
class ShopProject:
    """Which variant of each part is in the project; the first where none is named.

    Of the tables in `kept` rows of days before `KEPT_SINCE` expire.
    """

    chosen: Mapping[str, int] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()

    def changed(self, chance: random.Random) -> ShopProject:
        """Return a project with another variant of one part."""
        parts = {**RULES, **TABLES}
        name = chance.choice([*parts])
        others = [number for number in range(len(parts[name])) if number != self.chosen.get(name, 0)]
        return replace(self, chosen={**self.chosen, name: chance.choice(others)})

    def write(self, folder: Path) -> None:
        """Write the files of the project."""
        days = (datetime.now(UTC).date() - KEPT_SINCE).days
        added = {table: [variants[self.chosen.get(table, 0)]] for table, variants in RULES.items()}
        for table in sorted(self.kept):
            added.setdefault(table, []).append(f'keeps="{days} days"')
        parts = {table: ", ".join(filter(None, each)) for table, each in added.items()}
        lines = [f'{table.replace(".", "_")} = extend("{table}", {each})\n' for table, each in parts.items() if each]
        texts = {"rules.py": HEADER + "".join(lines)}
        texts |= {name: variants[self.chosen.get(name, 0)] for name, variants in TABLES.items()}
        for name, text in texts.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            if not text:
                file.unlink()
