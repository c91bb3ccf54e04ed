"""Results of a run, for the comparison of peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

    from peers import Peer

TABLES = (
    *(f"silver/{name}" for name in ("events", "sessions", "customers", "products", "order_lines", "payments")),
    *(f"silver/{name}_quarantine" for name in ("events", "customers", "products", "order_lines", "payments")),
    *(f"gold/{name}" for name in ("purchases", "funnel_daily", "product_funnel", "sales_daily")),
    *(f"gold/{name}" for name in ("product_performance_daily", "customer_segments")),
)
STEPS = ("page_view", "product_view", "add_to_cart", "checkout_started", "purchase")
SUMS = (
    ("gold/sales_daily", "sum(orders)"),
    ("gold/sales_daily", "sum(net_sales)"),
    ("gold/purchases", "sum(revenue)"),
    *(("gold/funnel_daily", f"sum({step}_visitors)") for step in STEPS),
    *(("gold/funnel_daily", f"sum({step}_sessions)") for step in STEPS),
    ("gold/product_funnel", "sum(unique_views)"),
    ("gold/product_performance_daily", "sum(net)"),
    ("gold/product_performance_daily", "sum(sales_rank * viewers)"),
    ("gold/customer_segments", "sum(lifetime_net)"),
    ("gold/customer_segments", "count(*) FILTER (segment = 'champions')"),
)


def answers(peer: Peer, folder: Path) -> dict[str, str]:
    """The rows of each table of a run and the sums that matter, as text, by question."""
    asked = [*((table, "count(*)") for table in TABLES), *SUMS]
    with duckdb.connect() as connection:
        return {
            f"{table} {question}": _ask(connection, peer.files(folder, table), question) for table, question in asked
        }


def _ask(connection: duckdb.DuckDBPyConnection, files: list[str], question: str) -> str:
    if not files:
        return "0" if question.startswith("count") else "None"
    source = "read_parquet($files, hive_partitioning = true, union_by_name = true)"
    found = connection.execute(f"SELECT {question} FROM {source}", {"files": files}).fetchone()
    return str(found[0]) if found else "None"


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """The questions that two runs answer differently."""
    return [f"{asked}: {one[asked]} and {other[asked]}" for asked in one if one[asked] != other[asked]]
