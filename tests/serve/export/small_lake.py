"""A lake of three small tables, written without an engine, whose runs a test records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from shoplake.declare import col, stored_table
from shoplake.engine.state.ops_tables import CHECKSUMS, TABLE_RUNS
from shoplake.engine.state.state_store import RUN_MARKER, StateStore, to_micros
from shoplake.engine.storage.delta_log import arrow_schema, create_if_missing
from shoplake.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

SALES = stored_table(
    "sales_daily",
    "One row per feed and day: sales.",
    "gold",
    (
        col("feed", "string", "The feed"),
        col("sales_date", "date", "The shop's local day"),
        col("net_sales", "decimal(18,2)", "Sales less returns", unit="currency"),
        col("orders", "bigint", "Orders", unit="orders"),
        col("rate", "double", "Share of visits"),
        col("updated_at", "timestamp", "Last change", unit="UTC"),
        col("is_complete", "boolean", "Whether the day is over"),
    ),
)
PRODUCTS = stored_table(
    "products",
    "One row per product: its name, tags and further fields.",
    "gold",
    (
        col("product_id", "string", "The product"),
        col("product_name", "string", "Its name"),
        col("tags", "array<string>", "Its tags"),
        col("attributes", "map<string,string>", "Further fields"),
    ),
)
CUSTOMERS = stored_table(
    "customers",
    "One row per customer.",
    "silver",
    (
        col("customer_id", "string", "The customer"),
        col("email", "string", "E-mail address", personal="email"),
    ),
)
TABLES = (SALES, PRODUCTS, CUSTOMERS)
FIRST = datetime(2026, 3, 2, 6, tzinfo=UTC)


def sale(day: int, net: str | None = "10.50", orders: int = 2) -> dict[str, Any]:
    """One row of gold.sales_daily."""
    row = {"feed": "shop", "sales_date": date(2026, 3, day), "net_sales": net and Decimal(net), "orders": orders}
    return row | {"rate": 0.25, "updated_at": FIRST, "is_complete": True}


def product(name: str, **more: Any) -> dict[str, Any]:
    """One row of gold.products."""
    return {"product_id": "P1", "product_name": name, "tags": ["a", "b"], "attributes": [("k", "v")]} | more


@dataclass
class SmallLake:
    """What an export needs of a lake; `run` stands for a run that writes some tables."""

    folder: Path
    tables: tuple[Any, ...] = TABLES
    runs: int = 0
    catalog: Any = field(init=False)

    def __post_init__(self) -> None:
        self.settings = Settings(str(self.folder), ())
        self.state = StateStore(str(self.folder))
        self.catalog = SimpleNamespace(ordered=list(self.tables))
        for table in (CHECKSUMS, TABLE_RUNS):
            create_if_missing(table, self.state.path(table))

    def path(self, name: str) -> str:
        return f"{self.folder}/{name.replace('.', '/')}"

    def run(self, rows: dict[Any, list[dict[str, Any]]], *, finishes: bool = True) -> None:
        """Overwrite tables, and record the run; an interrupted one records no checksums."""
        at = FIRST + timedelta(hours=self.runs)
        self.runs += 1
        for table, values in rows.items():
            path = self.path(table.qualified_name)
            create_if_missing(table, path)
            write_deltalake(path, pa.Table.from_pylist(values, arrow_schema(table)), mode="overwrite")
        runs = [
            {
                "run_id": f"run{self.runs}",
                "table": table.qualified_name,
                "version": DeltaTable(self.path(table.qualified_name)).version(),
                "run_started_at": at,
            }
            for table in rows
        ]
        self.state.append_results(runs, at)
        if finishes:
            self.state.append(CHECKSUMS, [], {RUN_MARKER: to_micros(at)})
