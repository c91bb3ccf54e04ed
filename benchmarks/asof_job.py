"""One system's part of `asof.py`: `python asof_job.py SYSTEM FILES OUT`; prints its wall and CPU seconds as JSON.

The time of importing and of starting the engine is not in `seconds`; `asof.py` measures the whole process too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from process import run_job

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

PROPERTIES = {"categoryid": "category", "available": "available", "790": "price"}
PROPERTY_TYPES = {"category": "string", "available": "boolean", "price": "decimal(18,4)"}
SQL = """
COPY (
    WITH changes AS (
        SELECT itemid, make_timestamp("timestamp" * 1000) AS moment, property, value
        FROM read_csv('{files}/item_properties.csv', header = true,
            columns = {{'timestamp': 'BIGINT', 'itemid': 'VARCHAR', 'property': 'VARCHAR', 'value': 'VARCHAR'}})
        WHERE property IN ('categoryid', 'available', '790')
    ), moments AS (
        SELECT itemid, moment, max(value) FILTER (WHERE property = 'categoryid') AS category,
            max(value) FILTER (WHERE property = 'available') AS available,
            max(value) FILTER (WHERE property = '790') AS price
        FROM changes GROUP BY ALL
    ), versions AS (
        SELECT itemid, moment, last_value(category IGNORE NULLS) OVER so_far AS category,
            last_value(available IGNORE NULLS) OVER so_far = '1' AS available,
            TRY_CAST(substr(last_value(price IGNORE NULLS) OVER so_far, 2) AS DECIMAL(18, 4)) AS price
        FROM moments WINDOW so_far AS (PARTITION BY itemid ORDER BY moment)
    ), events AS (
        SELECT make_timestamp("timestamp" * 1000) AS event_at, visitorid, event, itemid
        FROM read_csv('{files}/events.csv', header = true,
            columns = {{'timestamp': 'BIGINT', 'visitorid': 'VARCHAR', 'event': 'VARCHAR', 'itemid': 'VARCHAR'}})
    ), tree AS (
        SELECT categoryid, parentid AS parent FROM read_csv('{files}/category_tree.csv', all_varchar = true)
    )
    SELECT events.*, versions.category, tree.parent, versions.available, versions.price
    FROM events ASOF LEFT JOIN versions ON events.itemid = versions.itemid AND events.event_at >= versions.moment
    LEFT JOIN tree ON versions.category = tree.categoryid
) TO '{out}/events.parquet' (FORMAT parquet)
"""


def duckdb_job(files: Path, out: Path) -> Callable[[], object]:
    """Prepare versions by a window and one ASOF JOIN, the fastest variant (three joins, one per property: 1.5 ×)."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 2; SET memory_limit = '8GB'")
    return lambda: connection.execute(SQL.format(files=files, out=out))


def shoplake_job(files: Path, out: Path) -> Callable[[], object]:
    """Prepare shoplake's functions, as silver.products and silver.events_enriched use them."""
    import shoplake.transforms.scd2  # noqa: F401
    from shoplake.engine.session import sail
    from shoplake.transforms.asof_join import asof_join

    session = sail.session(8 << 30)

    def enrich() -> None:
        fields = "timestamp bigint, visitorid string, event string, itemid string"
        events = _csv(session, files / "events.csv", fields).selectExpr(
            "timestamp_millis(timestamp) AS event_at", "visitorid", "event", "itemid"
        )
        rows = asof_join(events, versions(session, files), ["itemid"], "event_at", [*PROPERTY_TYPES, "parent"])
        rows.write.option("compression", "snappy").parquet(str(out / "rows"))

    session.range(1).mapInArrow(lambda blocks: blocks, "id bigint").collect()
    return enrich


def versions(session: SparkSession, files: Path) -> DataFrame:
    """Build the versions of each item."""
    from pyspark.sql import functions as F

    from shoplake.declare import Scd2
    from shoplake.transforms.scd2 import build_scd2

    fields = "timestamp bigint, itemid string, property string, value string"
    property_changes = _csv(session, files / "item_properties.csv", fields).where(F.col("property").isin(*PROPERTIES))
    values = {
        "category": F.col("value"),
        "available": F.col("value") == "1",
        "price": F.substring("value", 2, 30).try_cast("decimal(18,4)"),
    }
    value_columns = {name: F.when(F.col("property") == of, values[name]) for of, name in PROPERTIES.items()}
    sets = F.coalesce(*[F.when(F.col("property") == of, name) for of, name in PROPERTIES.items()])
    changes = property_changes.select(
        "itemid",
        *[value.alias(name) for name, value in value_columns.items()],
        F.timestamp_millis("timestamp").alias("changed_at"),
        F.array(sets).alias("sets"),
    )
    types = {"itemid": "string", **PROPERTY_TYPES, "changed_at": "timestamp", "sets": "array<string>"}
    versions_table = build_scd2(changes, ["itemid"], Scd2("changed_at", changed_columns="sets"), types).drop(
        "is_current", "valid_to_month"
    )
    tree = _csv(session, files / "category_tree.csv", "category string, parent string")
    return versions_table.join(F.broadcast(tree), on="category", how="left")


def _csv(session: SparkSession, file: Path, fields: str) -> DataFrame:
    return session.read.schema(fields).csv(str(file), header=True)


if __name__ == "__main__":
    run_job({"duckdb": duckdb_job, "shoplake": shoplake_job})
