"""A small shop whose orders have every kind of correction, and its lake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from reliability.lakes import CUSTOMERS, drop, event, lake_at

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.lake import Lake

SALES = ("sales_daily", "sales_by_country_daily", "sales_by_category_daily", "sales_by_channel_daily")
TABLES = (*CUSTOMERS, *SALES, "reconciliation_daily")


def line(number: int, product: str, quantity: int, price: str) -> dict[str, Any]:
    return {"line_number": number, "product_id": product, "quantity": quantity, "unit_price": price}


def order(id: str, at: str, *lines: dict[str, Any], customer: str | None = "C1", **changes: Any) -> dict[str, Any]:
    record = {"order_id": id, "ordered_at": f"2026-{at}T12:00:00Z", "customer_id": customer, "lines": lines}
    return record | {"country": "GB", "discount": 0, "shipping": 0} | changes


def refund(id: str, of: str, at: str, *lines: dict[str, Any]) -> dict[str, Any]:
    record = {"refund_id": id, "order_id": of, "refunded_at": f"2026-{at}T12:00:00Z", "customer_id": "C1"}
    return record | {"lines": lines, "payment_id": f"{of}-1", "amount": "1.00"}


def bought(number: int, order: str, at: str, **changes: Any) -> dict[str, Any]:
    moment = {"event_ts": f"2026-{at}T12:00:00Z", "event_name": "purchase", "order_id": order}
    return event(number, **moment, price="10.00") | changes


FILES: dict[str, list[Any]] = {
    "orders/1.json": [
        order("O1", "03-02", line(1, "P1", 2, "10.00"), line(2, "P2", 1, "5.00"), discount="1.00", shipping="4.95"),
        order("O2", "03-02", line(1, "P3", 3, "0.3333"), customer=None, country=None, discount="0.10"),
        order("O3", "03-03", line(1, "P1", 1, "10.00"), line(2, "P1", 1, "9.00"), customer="C2", country="FR"),
    ],
    "orders/2.json": [
        order("O4", "03-03", line(1, "P2", 1, "5.00"), currency="EUR", discount="0.50"),
        order("O5", "03-04", line(1, "P1", 1, "10.00"), status="cancelled", discount="1.00"),
        order("O6", "03-04", line(1, "P9", 1, "7.00"), customer="C2"),
    ],
    "orders/3.json": [
        order("O0", "03-01", line(1, "P1", 1, "10.00")),
        order("O3", "03-03", line(1, "P1", 2, "10.00"), line(2, "P1", 1, "9.00"), customer="C2", country="FR"),
    ],
    "refunds/1.json": [
        refund("R1", "O1", "03-04", line(1, "P1", 1, "10.00")),
        refund("R2", "O3", "03-20", line(2, "P1", 1, "9.00")),
        refund("R3", "O7", "03-05", line(1, "P2", 1, "5.00")),
    ],
    "refunds/2.json": [
        refund("R4", "O1", "04-02", line(1, "P1", 1, "10.00"), line(2, "P2", 1, "5.00")),
        refund("R5", "O2", "03-09", line(1, "P3", 1, "0.3333")),
    ],
    "events/1.json": [
        bought(1, "O1", "03-02", utm_source="mail", utm_medium="email", device="mobile"),
        bought(2, "O3", "03-03", device="desktop"),
    ],
    "events/2.json": [bought(3, "O4", "03-03", utm_source="g", utm_medium="cpc")],
}
PRODUCTS = {
    "P1": [("2026-01-01", "Home", "4.00"), ("2026-03-03", "Light", "5.00")],
    "P2": [("2026-01-01", "Home", "2.00")],
    "P3": [("2026-01-01", None, None)],
}


def write_products(landing: Path, *names: str) -> None:
    """Write snapshots of the products, one Parquet file each."""
    for name in names or PRODUCTS:
        rows = [
            {"product_id": name, "product_name": name, "category": category, "price": "10.00", "cost": cost}
            | {"updated_at": f"{day}T00:00:00Z"}
            for day, category, cost in PRODUCTS[name]
        ]
        folder = landing / "products"
        folder.mkdir(parents=True, exist_ok=True)
        types = dict.fromkeys(("product_id", "product_name", "category", "price", "cost", "updated_at"), pa.string())
        pq.write_table(pa.Table.from_pylist(rows, pa.schema(types.items())), folder / f"products-{name}.parquet")


def write(landing: Path, *names: str) -> None:
    """Write some of the files."""
    for name in names:
        if name in PRODUCTS:
            write_products(landing, name)
        else:
            drop(landing, name, *FILES[name])


def new_lake(folder: Path) -> Lake:
    return lake_at(folder / "lake", folder / "landing", tables=TABLES)
