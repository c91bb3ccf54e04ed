"""Effect of salting and adaptive execution on Spark with skewed product views.

Counts the distinct viewers of each product of a Zipf shop three ways: as one query without a salt, as
`product_performance_daily` does it (by visitor first: the visitor is the salt), and by shuffling all views to their
product as a window would; and joins them with the products, shuffled and broadcast. Each with adaptive execution on and
off. The times of tasks are from Spark's own event log.

Example: `python benchmarks/skew.py --views 4000000`
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from pyspark.sql import Window
from pyspark.sql import functions as F
from report import Finding, save_result
from rich.console import Console

from shoplake.engine.session.spark import server
from shoplake.engine.session.spark import session as spark_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

PARTITIONS = 16
PRODUCTS = 10_000


def write_views(session: SparkSession, count: int, path: str) -> DataFrame:
    """Write product views by Zipf's law as Parquet (the first product has a tenth, the first ten a third)."""
    rank = F.floor(F.pow(F.lit(float(PRODUCTS)), F.rand(7))).cast("int")
    views = session.range(count).select(
        F.concat(F.lit("P"), rank.cast("string")).alias("product_id"),
        F.concat(F.lit("v"), (F.xxhash64("id") % (count // 5)).cast("string")).alias("visitor_id"),
        (F.col("id") % 30).alias("day"),
    )
    views.write.mode("overwrite").parquet(path)
    return session.read.parquet(path)


def unsalted(views: DataFrame, _: DataFrame) -> DataFrame:
    """Count in one query; Spark itself partitions by visitor for the distinct count."""
    return views.groupBy("product_id").agg(F.count("*").alias("n"), F.count_distinct("visitor_id").alias("viewers"))


def salted(views: DataFrame, _: DataFrame) -> DataFrame:
    """Aggregate by visitor first, as product_performance_daily does."""
    by_visitor = views.groupBy("product_id", "visitor_id").agg(F.count("*").alias("n"))
    return by_visitor.groupBy("product_id").agg(F.sum("n").alias("n"), F.count("*").alias("viewers"))


def shuffled(views: DataFrame, _: DataFrame) -> DataFrame:
    """Process all views of a product in one task, as a window over the product does."""
    number = F.row_number().over(Window.partitionBy("product_id").orderBy("day", "visitor_id"))
    return views.withColumn("n", number).groupBy("product_id").agg(F.max("n").alias("n"))


def join_shuffled(views: DataFrame, products: DataFrame) -> DataFrame:
    """Join views with their product, both sides shuffled by it."""
    return views.join(products.hint("merge"), on="product_id").groupBy("category").agg(F.count("*").alias("n"))


def join_salted(views: DataFrame, products: DataFrame) -> DataFrame:
    """Join with a salt of eight: a view matches one of eight copies of its product."""
    copies = products.withColumn("salt", F.explode(F.sequence(F.lit(0), F.lit(7)))).hint("merge")
    spread = views.withColumn("salt", F.pmod(F.xxhash64("visitor_id"), F.lit(8)).cast("int"))
    return spread.join(copies, on=["product_id", "salt"]).groupBy("category").agg(F.count("*").alias("n"))


def join_broadcast(views: DataFrame, products: DataFrame) -> DataFrame:
    """Join with broadcast products, as shoplake joins dimensions."""
    return views.join(F.broadcast(products), on="product_id").groupBy("category").agg(F.count("*").alias("n"))


QUERIES = (unsalted, salted, shuffled, join_shuffled, join_salted, join_broadcast)


def time_query(session: SparkSession, query: Callable[..., DataFrame], views: DataFrame, products: DataFrame) -> float:
    """Time a query in seconds; its result is discarded."""
    began = time.perf_counter()
    query(views, products).write.format("noop").mode("overwrite").save()
    return time.perf_counter() - began


def task_seconds(log: Path, since_ms: int) -> list[float]:
    """Return the task seconds of the stage with the longest task, of tasks launched since `since_ms`."""
    stages: dict[int, list[float]] = {}
    for file in log.rglob("*"):
        for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
            if '"SparkListenerTaskEnd"' in line:
                event = json.loads(line)
                info = event["Task Info"]
                if info["Launch Time"] >= since_ms:
                    seconds = (info["Finish Time"] - info["Launch Time"]) / 1000
                    stages.setdefault(event["Stage ID"], []).append(seconds)
    shuffles = [times for times in stages.values() if len(times) > 2] or list(stages.values())
    return max(shuffles, key=max)


def measure_case(session: SparkSession, log: Path, count: int, folder: str) -> list[dict[str, Any]]:
    """Time each query without and with adaptive execution; the second of two runs counts."""
    views = write_views(session, count, f"{folder}/views")
    products = session.range(PRODUCTS).select(
        F.concat(F.lit("P"), F.col("id").cast("string")).alias("product_id"), (F.col("id") % 20).alias("category")
    )
    rows = []
    for adaptive in ("false", "true"):
        session.conf.set("spark.sql.adaptive.enabled", adaptive)
        for query in QUERIES:
            time_query(session, query, views, products)
            since = int(time.time() * 1000)
            seconds = time_query(session, query, views, products)
            time.sleep(1)
            durations = task_seconds(log, since)
            rows.append(
                {
                    "query": query.__name__,
                    "adaptive": adaptive == "true",
                    "seconds": round(seconds, 2),
                    "tasks": len(durations),
                    "median_task_s": round(median(durations), 3),
                    "longest_task_s": round(max(durations), 3),
                }
            )
    return rows


def main() -> None:
    """Measure on a separate server, print and save the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--views", type=int, default=4_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "events"
        log.mkdir()
        os.environ |= {"XDG_STATE_HOME": f"{folder}/state", "SPARK_CONF_DIR": folder}
        (Path(folder) / "spark-defaults.conf").write_text(
            f"spark.eventLog.enabled true\nspark.eventLog.dir file://{log}\nspark.eventLog.compress false\n"
            "spark.eventLog.rolling.enabled false\n",
            encoding="utf-8",
        )
        session = spark_session.session(spark_session.LOCAL)
        session.conf.set("spark.sql.shuffle.partitions", str(PARTITIONS))
        session.conf.set("spark.sql.autoBroadcastJoinThreshold", "-1")
        session.conf.set("spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes", "4MB")
        session.conf.set("spark.sql.adaptive.advisoryPartitionSizeInBytes", "4MB")
        try:
            rows = measure_case(session, log, options.views, folder)
        finally:
            session.stop()
            server.stop_servers()
    Console().print(save_result("skew", to_finding(rows, options.views), {"views": options.views, "rows": rows}))


def to_finding(rows: list[dict[str, Any]], views: int) -> Finding:
    """Summarise the runs."""
    cells = [
        [
            row["query"].replace("_", ", "),
            "on" if row["adaptive"] else "off",
            f"{row['seconds']:.2f}",
            str(row["tasks"]),
            f"{row['median_task_s']:.2f}",
            f"{row['longest_task_s']:.2f}",
        ]
        for row in rows
    ]
    by = {(row["query"], row["adaptive"]): row["seconds"] for row in rows}
    return Finding(
        f"What do salting and adaptive execution save on Spark? {views:,} Zipf views of {PRODUCTS:,} products",
        ["query", "adaptive", "s", "tasks", "median task s", "longest task s"],
        cells,
        "to know",
        f"Distinct viewers: the salt takes {by['salted', True] / by['unsalted', True]:.2f} × the time of the query "
        f"without (adaptive {by['salted', True] / by['salted', False]:.2f} × not adaptive); joins: salted "
        f"{by['join_salted', True] / by['join_shuffled', True]:.2f} ×, broadcast "
        f"{by['join_broadcast', True] / by['join_shuffled', True]:.2f} × the shuffled one.",
    )


if __name__ == "__main__":
    main()
