"""Row counts and sums of a run, to compare systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import duckdb_job

if TYPE_CHECKING:
    from pathlib import Path

    from systems import System

TABLES = tuple(sorted(name.replace(".", "/") for name in duckdb_job.tables() if not name.startswith("bronze.")))
STEPS = ("page_view", "product_view", "add_to_cart", "checkout_started", "purchase")
SUMS = (
    ("gold/sales_daily", "sum(orders)"),
    ("gold/sales_daily", "sum(net_sales)"),
    ("gold/purchases", "sum(revenue)"),
    *(("gold/funnel_daily", f"sum({step}_visitors)") for step in STEPS),
    *(("gold/funnel_daily", f"sum({step}_sessions)") for step in STEPS),
    ("gold/product_funnel", "sum(unique_views)"),
    ("gold/order_values", "sum(net)"),
    ("gold/order_values", "sum(returned_net)"),
    ("gold/order_values", "sum(margin)"),
    *((f"gold/sales_by_{by}_daily", "sum(net_sales)") for by in ("country", "category", "channel")),
    ("gold/customer_360", "sum(net)"),
    ("gold/customer_360", "sum(sessions)"),
    ("gold/cohorts_monthly", "sum(active)"),
    ("gold/cohorts_weekly", "sum(net)"),
    ("gold/reconciliation_daily", "sum(abs(amount))"),
    ("gold/carts", "count(*) FILTER (state = 'recovered')"),
    ("gold/carts", "sum(value)"),
    ("gold/paths_daily", "sum(sessions * step_number)"),
    *(("gold/attribution_touches", f"sum(revenue_{model})") for model in ("last_paid", "position", "decay")),
    ("gold/attribution_daily", "sum(spend)"),
    ("gold/product_pairs_daily", "sum(together)"),
    ("gold/product_affinity", "sum(together * rank)"),
    ("gold/daily_measures", "sum(value)"),
    ("gold/product_performance_daily", "sum(net)"),
    ("gold/product_performance_daily", "sum(lines_without_rate)"),
    ("gold/product_performance_daily", "sum(sales_rank * viewers)"),
    ("gold/customer_segments", "sum(lifetime_net)"),
    ("gold/customer_segments", "count(*) FILTER (segment = 'champions')"),
)


def read_answers(system: System, folder: Path) -> dict[str, str]:
    """Read the row counts of all tables of a run and key sums, as text, by question."""
    queries = [*((table, "count(*)") for table in TABLES), *SUMS]
    with duckdb.connect() as connection:
        return {
            f"{table} {question}": _query(connection, system.files(folder, table), question)
            for table, question in queries
        }


def _query(connection: duckdb.DuckDBPyConnection, files: list[str], question: str) -> str:
    if not files:
        return "0" if question.startswith("count") else "None"  # Delta has no file of an empty table
    source = "read_parquet($files, hive_partitioning = true, union_by_name = true)"
    row = connection.execute(f"SELECT {question} FROM {source}", {"files": files}).fetchone()
    return str(row[0]) if row else "None"


def find_differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """List the questions with different answers."""
    return [
        f"{question}: {one[question]} and {other[question]}" for question in one if one[question] != other[question]
    ]
