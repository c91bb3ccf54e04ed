"""Writes a simulated Shopify shop: the webhooks of each day, or an export of its orders, and the ground truth."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from shoplake.simulate.files import atomic_path
from shoplake.simulate.shopify.counts import SalesCounter
from shoplake.simulate.shopify.customers import customer_body, draw_customers
from shoplake.simulate.shopify.files.export import export_orders
from shoplake.simulate.shopify.files.faults import INVALID, StreamFaults
from shoplake.simulate.shopify.files.order_bodies import OrderBodies
from shoplake.simulate.shopify.ground_truth import EXPORT_STREAMS, STREAMS
from shoplake.simulate.shopify.order_generator import OrderGenerator
from shoplake.simulate.shopify.products import draw_products, product_body
from shoplake.simulate.shopify.shop import Shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from shoplake.simulate.shopify.ground_truth import Arguments, GroundTruth

Record = tuple[int, str, dict[str, Any]]
"""When a record is sent, in which stream, and what it says."""


def generate(
    landing: Path,
    *,
    orders: int = 5_000,
    customers: int = 2_000,
    products: int = 500,
    days: int = 30,
    seed: int = 7,
    error_rate: float = 0.0,
    starts_on: date = date(2026, 3, 1),
    timezone: str = "Europe/London",
    currency: str = "GBP",
    export: bool = False,
    on_day: Callable[[int, int, int], None] | None = None,
) -> GroundTruth:
    """Write files in Shopify's format and `ground_truth.json` into `landing`, and return the ground truth.

    `orders` orders are spread over `days` local days. An order is sent again, whole, on each day on which it is paid,
    edited, fulfilled, refunded or cancelled. With `export`, the orders are in one CSV of the shop's admin, as they are
    at the end, and there are neither transactions nor refunds. `error_rate` is the number of faulty records added to
    the JSON files, as a share of the clean ones (0 to 0.5). Equal arguments give equal bytes. After each day `on_day`
    receives the day's number (from 0), the number of days and the number of orders so far. Raises ValueError for an
    argument out of range.
    """
    shop = Shop(orders, customers, products, days, seed, error_rate, starts_on, timezone, currency, export)
    return _Writer(landing, shop, on_day or (lambda *_: None)).write()


class _Writer:
    def __init__(self, landing: Path, shop: Shop, on_day: Callable[[int, int, int], None]) -> None:
        self._landing, self._shop, self._on_day = landing, shop, on_day
        self._streams = EXPORT_STREAMS if shop.export else STREAMS
        self._products, self._customers = draw_products(shop), draw_customers(shop)
        self._orders = OrderGenerator(shop, self._products, self._customers).draw()
        rates = {
            stream: StreamFaults(stream, shop.error_rate, shop.rng(f"faults {stream}")) for stream in self._streams
        }
        self._faults = rates
        self._files: Counter[str] = Counter(dict.fromkeys(self._streams, 0))
        self._lines: Counter[str] = Counter(dict.fromkeys(self._streams, 0))
        self._tests: Counter[str] = Counter()
        self._sent_orders: list[str] = []

    def write(self) -> GroundTruth:
        """Write the files and the ground truth."""
        days: defaultdict[str, list[Record]] = defaultdict(list)
        for record in sorted(self._records(), key=lambda record: record[:2]):
            days[self._shop.local_date(max(record[0], self._shop.starts[0]))].append(record)
        ordered = 0
        for number, day in enumerate(map(self._shop.local_date, self._shop.starts[:-1])):
            self._write_day(day, days[day])
            ordered += sum(self._shop.local_date(order.at) == day for order in self._orders)
            self._on_day(number, self._shop.days, ordered)
        if self._shop.export:
            text, rows = export_orders(self._shop, self._orders)
            self._write_file("orders_export", "orders_export_1.csv", text, rows)
        ground_truth = self._ground_truth()
        with atomic_path(self._landing / "ground_truth.json") as temporary:
            temporary.write_text(json.dumps(ground_truth, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return ground_truth

    def _records(self) -> Iterator[Record]:
        for product in self._products:
            yield from ((at, "products", product_body(self._shop, product, at)) for at, _ in product.prices)
        for customer in self._customers:
            yield from ((at, "customers", customer_body(self._shop, customer, at)) for at, _ in customer.towns)
        if self._shop.export:
            return
        bodies = OrderBodies(self._shop)
        for order in self._orders:
            yield from ((at, "orders", bodies.order(order, at)) for at in order.updates)
            yield from ((refund.at, "refunds", bodies.refund(order, refund)) for refund in order.refunds)
            yield from ((each.at, "transactions", bodies.transaction(order, each)) for each in order.transactions)

    def _write_day(self, day: str, records: list[Record]) -> None:
        for stream in self._streams:
            bodies = [body for _, name, body in records if name == stream]
            clean = [json.dumps(body, ensure_ascii=False) for body in bodies]
            self._tests[stream] += sum(
                body.get("test", False) and body.get("kind") != "authorization" for body in bodies
            )
            lines = self._faults[stream].inject(clean, self._sent_orders)
            if stream == "orders":
                self._sent_orders += clean
            if lines:
                text = "".join(f"{line}\n" for line in lines)
                self._write_file(stream, f"{stream}/{stream}-{day}.json", text, len(lines))

    def _write_file(self, stream: str, name: str, text: str, lines: int) -> None:
        with atomic_path(self._landing / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
        self._files[stream] += 1
        self._lines[stream] += lines

    def _ground_truth(self) -> GroundTruth:
        counter = SalesCounter(self._shop)
        counter.add(self._orders)
        real = [order for order in self._orders if not order.is_test]
        arguments = {**asdict(self._shop), "starts_on": self._shop.starts_on.isoformat()}
        quarantined = {name: each.counts(*INVALID) | {"test": self._tests[name]} for name, each in self._faults.items()}
        return {
            "arguments": cast("Arguments", arguments),
            "files": dict(self._files),
            "lines": dict(self._lines),
            "quarantined": quarantined,
            "duplicates": {name: each.counts("exact", "stale") for name, each in self._faults.items()},
            "orders": len(real),
            "edited_orders": sum(order.edited_at is not None for order in real),
            "cancelled_orders": sum(order.cancelled_at is not None for order in real),
            "test_orders": len(self._orders) - len(real),
            "refunds": sum(len(order.refunds) for order in real),
            "sales_daily": counter.sales_daily(),
            "payments_daily": counter.payments_daily(),
            "products": {"ids": len(self._products), "versions": sum(len(each.prices) for each in self._products)},
            "customers": {"ids": len(self._customers), "versions": sum(len(each.towns) for each in self._customers)},
        }
