"""Cost of merging changes of 1 % of the keys into an SCD type 2 table, compared with a full refresh.

Each key has one new change, one in ten is a month late. Example: `python benchmarks/scd2_merge.py`
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F
from report import Finding, save_result
from rich.console import Console

from shoplake.engine.session import sail
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.table_plan import FullRefresh
from shoplake.tables.silver.customers import customers

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

DATA = Path(__file__).parent / "data"
START, HOUR = 1_600_000_000, 3_600
VERSIONS_PER_KEY = 10


def changes(session: SparkSession, first: int, last: int, keys: int, batch: str) -> DataFrame:
    """Generate the changes `first` to `last`: rounds over all keys, each with a new location."""
    number = F.col("id")
    key, turn = number % keys, F.floor(number / keys)
    shuffled = key * 7_919 % keys
    is_late = (turn == VERSIONS_PER_KEY) & (key % 10 == 0)
    at = (
        F.lit(START)
        + turn * 30 * 24 * HOUR
        + shuffled % (30 * 24 * HOUR)
        - F.when(is_late, 31 * 24 * HOUR).otherwise(0)
    )
    record = F.struct(
        *[F.lit("").alias(name) for name in ("raw", "file")],
        F.lit(1).cast("bigint").alias("line"),
        F.lit(batch).alias("batch_id"),
        F.timestamp_seconds(F.lit(START)).alias("ingested_at"),
        F.lit(None).cast("string").alias("problem"),
    )
    return session.range(first, last).select(
        F.lit("shop").alias("feed"),
        F.format_string("C%09d", shuffled).alias("customer_id"),
        F.lit(None).cast("date").alias("signup_date"),
        F.concat(F.lit("town "), (number % 997).cast("string")).alias("location"),
        F.concat(shuffled.cast("string"), F.lit("@example.com")).alias("email"),
        F.concat(F.lit("+44"), (shuffled * 31).cast("string")).alias("phone"),
        F.timestamp_seconds(at).alias("updated_at"),
        F.lit("update").alias("operation"),
        number.alias("sequence"),
        record.alias("_source"),
    )


def time_job(what: Callable[[], object]) -> dict[str, float]:
    """Return the wall and CPU seconds of a function call."""
    began, cpu = time.perf_counter(), time.process_time()
    what()
    return {"seconds": round(time.perf_counter() - began, 2), "cpu_seconds": round(time.process_time() - cpu, 2)}


def measure_case(count: int, rounds: int) -> dict[str, Any]:
    """Time the full refresh of `count` versions and merges of changes of 1 % of the keys, `rounds` times."""
    session, work, keys = sail.session(8 << 30), DATA / "scd2_merge", count // VERSIONS_PER_KEY
    shutil.rmtree(work, ignore_errors=True)
    engine = DeltaEngine(session, str(work))
    engine.create_if_missing(customers)
    whole = changes(session, 0, count, keys, "b1")
    whole.write.parquet(str(work / "changes"))
    rows = session.read.schema(whole.schema).parquet(str(work / "changes"))
    built = [time_job(lambda: engine.write(customers, rows, FullRefresh())) for _ in range(rounds)]
    merged, some = [], keys // 100
    for number in range(rounds):
        news = changes(session, count + number * some, count + (number + 1) * some, keys, f"b{number + 2}")
        before = engine.row_count(customers)
        merged.append(time_job(lambda rows=news: engine.write(customers, rows)))  # type: ignore[misc]
        if engine.row_count(customers) != before + some:
            raise RuntimeError("the merge did not add a version for each changed key")
    shutil.rmtree(work)
    return {"versions": count, "keys": keys, "changed": some, "rebuild": built, "merge": merged}


def main() -> None:
    """Measure, print and save the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    figures = measure_case(options.versions, options.rounds)
    Console().print(str(save_result("scd2_merge", to_finding(figures), figures, ("shoplake", "pysail", "deltalake"))))


def to_finding(figures: dict[str, Any]) -> Finding:
    """Compare the fastest run of each."""
    best = {
        name: {what: min(run[what] for run in figures[name]) for what in ("seconds", "cpu_seconds")}
        for name in ("rebuild", "merge")
    }
    shares = [best["merge"][what] / best["rebuild"][what] for what in ("seconds", "cpu_seconds")]
    rows = [[name, *(f"{value:.1f}" for value in costs.values())] for name, costs in best.items()]
    return Finding(
        "What does a change of 1 % of the keys cost in a long history?",
        ("write", "s", "CPU s"),
        [*rows, ["share", *(f"{share:.1%}" for share in shares)]],
        "at most 15 % of a rebuild",
        f"{figures['versions']:,} versions of {figures['keys']:,} customers; new changes of "
        f"{figures['changed']:,} of them, one in ten a month late. Each the fastest of {len(figures['merge'])}.",
    )


if __name__ == "__main__":
    main()
