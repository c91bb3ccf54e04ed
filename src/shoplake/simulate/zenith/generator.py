"""Generates the simulated shop day by day: events, files and ground truth."""

from __future__ import annotations

import itertools
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, cast

import numpy as np

from shoplake.simulate.calendar import Calendar
from shoplake.simulate.faults.events import EventFaults
from shoplake.simulate.faults.faults import FaultPlan
from shoplake.simulate.faults.records import RecordFaults, SnapshotFaults
from shoplake.simulate.ground_truth.event_counts import EventCounter
from shoplake.simulate.ground_truth.sales_counts import SalesCounter
from shoplake.simulate.landing_writer import LandingWriter
from shoplake.simulate.zenith.customers import HEADER, Customers
from shoplake.simulate.zenith.event_text import EventText
from shoplake.simulate.zenith.events import EventGenerator, EventRows
from shoplake.simulate.zenith.order_generator import OrderGenerator
from shoplake.simulate.zenith.orders import format_order, format_refund
from shoplake.simulate.zenith.products import Products
from shoplake.simulate.zenith.shop import Shop
from shoplake.simulate.zenith.visitors import Visitors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shoplake.simulate.ground_truth.schema import Arguments, FilesGroundTruth, GroundTruth

MAX_EVENTS_PER_FILE = 250_000


def generate(
    landing: Path,
    *,
    events: int = 100_000,
    customers: int = 2_000,
    products: int = 500,
    days: int = 30,
    seed: int = 7,
    error_rate: float = 0.0,
    starts_on: date = date(2026, 3, 1),
    timezone: str = "Europe/London",
    currency: str = "GBP",
    max_events_per_file: int = MAX_EVENTS_PER_FILE,
    on_day: Callable[[int, int, int], None] | None = None,
) -> GroundTruth:
    """Write a simulated shop's raw files and `ground_truth.json` into `landing`, and return the ground truth.

    About `events` events are spread over `days` local days. `error_rate` is the number of faulty records added, as a
    share of the clean ones (0 to 0.5). A day with more than `max_events_per_file` events has several event files.
    Equal arguments give equal bytes. After each day `on_day` receives the day's number (from 0), the number of days
    and the number of events so far. Raises ValueError for an argument out of range.
    """
    shop = Shop(events, customers, products, days, seed, error_rate, starts_on, timezone, currency)
    generator = ShopGenerator(shop, LandingWriter(landing), max_events_per_file)
    for day in range(days):
        generator.run_day(day)
        if on_day:
            on_day(day, days, generator.traffic.events)
    return generator.finish()


class ShopGenerator:
    """The state of a simulated shop between days."""

    def __init__(self, shop: Shop, writer: LandingWriter, max_events_per_file: int) -> None:
        self._shop, self._writer, self._max_events_per_file = shop, writer, max_events_per_file
        self._calendar = calendar = Calendar(shop)
        self._products, self._customers = Products(shop, calendar), Customers(shop, calendar)
        visitors = Visitors(shop)
        self.traffic = EventGenerator(shop, calendar, visitors, self._customers)
        self._orders = OrderGenerator(shop, calendar, self._products, self._customers)
        self._event_text = EventText(shop, visitors, self._products)
        self._event_counter, self._sales_counter = EventCounter(calendar, visitors), SalesCounter(calendar)
        self._faults = FaultPlan(shop.error_rate)
        self._event_faults = EventFaults(shop, calendar, self._faults)
        self._order_faults = RecordFaults(shop, calendar, self._faults, "orders")
        self._refund_faults = RecordFaults(shop, calendar, self._faults, "refunds")
        self._snapshot_faults = SnapshotFaults(shop, self._faults)

    def run_day(self, day: int) -> None:
        """Generate a day and write its files."""
        if self._calendar.has_snapshot(day):
            self._write_snapshots(day)
        rows, sessions = self.traffic.generate_day(day)
        self._event_counter.add_sessions(day, sessions)
        self._event_counter.add_events(day, rows, self._products.price_at(rows.product, rows.at))
        self._write_events(day, rows)
        self._write_orders(day, rows)
        self._write_refunds(day)

    def finish(self) -> GroundTruth:
        """Write and return the ground truth of all days."""
        events = self._event_counter.ground_truth()
        sales = self._sales_counter.ground_truth(orders_without_events=self._orders.phone_orders)
        ground_truth: GroundTruth = {**self._files_ground_truth(), **events, **sales}
        self._writer.write_ground_truth(ground_truth)
        return ground_truth

    def _write_snapshots(self, day: int) -> None:
        date = self._calendar.dates[day]
        self._customers.advance(day)
        self._products.advance(day)
        self._event_text.refresh_prices()
        customers = self._snapshot_faults.customers(day, self._customers.snapshot())
        self._writer.write_lines("customers", date, customers, header=HEADER)
        self._writer.write_table("products", date, self._snapshot_faults.products(day, self._products.snapshot()))

    def _write_events(self, day: int, rows: EventRows) -> None:
        parts = max(1, -(-len(rows) // self._max_events_per_file))
        bounds = np.linspace(0, len(rows), parts + 1).astype(np.int64).tolist()
        for part, (start, stop) in enumerate(itertools.pairwise(bounds), 1):
            some = rows.take(slice(start, stop))
            lines = self._event_faults.inject(day, part, some, self._event_text.format_lines(some))
            self._writer.write_lines("events", self._calendar.dates[day], lines, part=part if parts > 1 else 0)

    def _write_orders(self, day: int, rows: EventRows) -> None:
        orders = self._orders.generate_orders(day, rows)
        self._sales_counter.add_orders(day, orders)
        lines = [format_order(order, self._shop.currency) for order in orders]
        self._writer.write_lines("orders", self._calendar.dates[day], self._order_faults.inject(day, lines))

    def _write_refunds(self, day: int) -> None:
        refunds = self._orders.pop_refunds(day)
        self._sales_counter.add_refunds(day, refunds)
        lines = [format_refund(refund, self._shop.currency) for refund in refunds]
        self._writer.write_lines("refunds", self._calendar.dates[day], self._refund_faults.inject(day, lines))

    def _files_ground_truth(self) -> FilesGroundTruth:
        snapshots = self._writer.files["customers"]
        arguments = {**asdict(self._shop), "starts_on": self._shop.starts_on.isoformat()}
        return {
            "arguments": cast("Arguments", arguments),
            "files": self._writer.files,
            "lines": self._writer.lines,
            "faults": self._faults.counts(),
            "quarantined": self._faults.quarantined(),
            "duplicates": self._faults.duplicates(),
            "customers": {
                "ids": self._customers.snapshot_size,
                "versions": self._customers.versions,
                "snapshots": snapshots,
            },
            "products": {
                "ids": self._shop.products,
                "versions": self._products.versions,
                "snapshots": self._writer.files["products"],
            },
        }
