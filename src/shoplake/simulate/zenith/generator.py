"""A season of the pretend shop, day by day: what happens, what is dropped, what is true."""

from __future__ import annotations

import itertools
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, cast

import numpy as np

from shoplake.simulate.calendar import Calendar
from shoplake.simulate.faults.events import DirtyEvents
from shoplake.simulate.faults.faults import Dirt
from shoplake.simulate.faults.records import DirtyRecords, DirtySnapshots
from shoplake.simulate.ground_truth.event_counts import TrafficTally
from shoplake.simulate.ground_truth.sales_counts import SalesTally
from shoplake.simulate.landing_writer import Drop
from shoplake.simulate.zenith.customers import HEADER, Clientele
from shoplake.simulate.zenith.event_text import EventText
from shoplake.simulate.zenith.events import Rows, Traffic
from shoplake.simulate.zenith.order_generator import Till
from shoplake.simulate.zenith.orders import order_text, refund_text
from shoplake.simulate.zenith.products import Catalogue
from shoplake.simulate.zenith.shop import Shop
from shoplake.simulate.zenith.visitors import Crowd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shoplake.simulate.ground_truth.schema import Arguments, FilesTruth, Truth

MOST_EVENTS_A_FILE = 250_000


def generate(
    landing: Path,
    *,
    events: int = 100_000,
    customers: int = 2_000,
    products: int = 500,
    days: int = 30,
    seed: int = 7,
    dirt: float = 0.0,
    starts_on: date = date(2026, 3, 1),
    timezone: str = "Europe/London",
    currency: str = "GBP",
    on_day: Callable[[int, int, int], None] | None = None,
) -> Truth:
    """Drop a pretend shop's raw files into `landing`, with `truth.json` beside them, and return the truth.

    About `events` events are spread over `days` local days; `dirt` is how many dirty records are added, as a
    share of the clean ones (0 to 0.5). Equal arguments give equal bytes. After each day `on_day` is told the
    day's number (from 0), the number of days and the events so far.
    """
    shop = Shop(events, customers, products, days, seed, dirt, starts_on, timezone, currency)
    season = Season(shop, Drop(landing))
    for day in range(days):
        season.live(day)
        if on_day:
            on_day(day, days, season.traffic.events)
    return season.close()


class Season:
    """The shop with everyone and everything in it."""

    def __init__(self, shop: Shop, drop: Drop) -> None:
        self._shop, self._drop = shop, drop
        self._calendar = calendar = Calendar(shop)
        self._catalogue, self._clientele = Catalogue(shop, calendar), Clientele(shop, calendar)
        crowd = Crowd(shop)
        self.traffic = Traffic(shop, calendar, crowd, self._clientele)
        self._till = Till(shop, calendar, self._catalogue, self._clientele)
        self._event_text = EventText(shop, crowd, self._catalogue)
        self._traffic_tally, self._sales_tally = TrafficTally(calendar, crowd), SalesTally(calendar)
        self._dirt = Dirt(shop.dirt)
        self._dirty_events = DirtyEvents(shop, calendar, self._dirt)
        self._dirty_orders = DirtyRecords(shop, calendar, self._dirt, "orders")
        self._dirty_refunds = DirtyRecords(shop, calendar, self._dirt, "refunds")
        self._dirty_snapshots = DirtySnapshots(shop, self._dirt)

    def live(self, day: int) -> None:
        """Let a day pass and drop its files."""
        if self._calendar.has_snapshot(day):
            self._drop_snapshots(day)
        rows, visits = self.traffic.day(day)
        self._traffic_tally.add_visits(day, visits)
        self._traffic_tally.add_events(day, rows, self._catalogue.price_at(rows.product, rows.at))
        self._drop_events(day, rows)
        self._drop_orders(day, rows)
        self._drop_refunds(day)

    def close(self) -> Truth:
        """Write down what was true of all days."""
        traffic = self._traffic_tally.truth()
        sales = self._sales_tally.truth(orders_without_events=self._till.phone_orders)
        truth: Truth = {**self._files_truth(), **traffic, **sales}
        self._drop.truth(truth)
        return truth

    def _drop_snapshots(self, day: int) -> None:
        date = self._calendar.dates[day]
        self._clientele.advance(day)
        self._catalogue.advance(day)
        self._event_text.price_pieces()
        customers = self._dirty_snapshots.customers(day, self._clientele.snapshot())
        self._drop.text("customers", date, customers, header=HEADER)
        self._drop.table("products", date, self._dirty_snapshots.products(day, self._catalogue.snapshot()))

    def _drop_events(self, day: int, rows: Rows) -> None:
        parts = max(1, -(-len(rows) // MOST_EVENTS_A_FILE))
        bounds = np.linspace(0, len(rows), parts + 1).astype(np.int64).tolist()
        for part, (start, stop) in enumerate(itertools.pairwise(bounds), 1):
            some = rows.take(slice(start, stop))
            lines = self._dirty_events.spread(day, part, some, self._event_text.lines(some))
            self._drop.text("events", self._calendar.dates[day], lines, part=part if parts > 1 else 0)

    def _drop_orders(self, day: int, rows: Rows) -> None:
        orders = self._till.orders(day, rows)
        self._sales_tally.add_orders(day, orders)
        lines = [order_text(order, self._shop.currency) for order in orders]
        self._drop.text("orders", self._calendar.dates[day], self._dirty_orders.spread(day, lines))

    def _drop_refunds(self, day: int) -> None:
        refunds = self._till.refunds(day)
        self._sales_tally.add_refunds(day, refunds)
        lines = [refund_text(refund, self._shop.currency) for refund in refunds]
        self._drop.text("refunds", self._calendar.dates[day], self._dirty_refunds.spread(day, lines))

    def _files_truth(self) -> FilesTruth:
        snapshots = self._drop.files["customers"]
        arguments = {**asdict(self._shop), "starts_on": self._shop.starts_on.isoformat()}
        return {
            "arguments": cast("Arguments", arguments),
            "files": self._drop.files,
            "lines": self._drop.lines,
            "dirt": self._dirt.kinds(),
            "quarantined": self._dirt.quarantined(),
            "duplicates": self._dirt.duplicates(),
            "customers": {"ids": self._clientele.seen, "versions": self._clientele.versions, "snapshots": snapshots},
            "products": {
                "ids": self._shop.products,
                "versions": self._catalogue.versions,
                "snapshots": self._drop.files["products"],
            },
        }
