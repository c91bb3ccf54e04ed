"""Writes the realistic shop: its files by day or week, and its ground truth."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.files import write_lines, write_table
from shoplake.simulate.realistic.channels import channels_of
from shoplake.simulate.realistic.customers.snapshots import CustomerSnapshots
from shoplake.simulate.realistic.events.event_lines import EventLines
from shoplake.simulate.realistic.faulty_records import FaultyRecords
from shoplake.simulate.realistic.ground_truth.subjects import write_subjects
from shoplake.simulate.realistic.ground_truth.summary import RealisticGroundTruth, summarise, write_summary
from shoplake.simulate.realistic.markets import RATES_HEADER
from shoplake.simulate.realistic.options import DEFAULT_EVENTS_PER_ORDER, DEFAULT_FEATURES, Options
from shoplake.simulate.realistic.orders.documents import Documents
from shoplake.simulate.realistic.planted.spend import SPEND_HEADER, draw_spend, format_spend
from shoplake.simulate.realistic.story import Story, build_world, tell_story
from shoplake.simulate.zenith.customers import HEADER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from shoplake.simulate.rng import Ints

EXTENSIONS = {
    "events": "json",
    "customers": "csv",
    "products": "parquet",
    "orders": "json",
    "refunds": "json",
    "exchange_rates": "csv",
    "spend": "csv",
    "product_changes": "json",
}
SNAPSHOT_DAYS, LONG_SNAPSHOT_DAYS = 7, 28
"""Days between snapshots where files are daily, and where they are weekly."""


def generate_realistic(
    landing: Path,
    *,
    orders: int = 10_000,
    customers: int = 2_000,
    products: int = 500,
    days: int = 365,
    seed: int = 7,
    events: int | None = None,
    starts_on: date = date(2026, 3, 1),
    timezone: str = "Europe/London",
    currency: str = "GBP",
    features: Iterable[str] = DEFAULT_FEATURES,
    error_rate: float = 0.0,
    on_day: Callable[[int, int, int], None] | None = None,
) -> RealisticGroundTruth:
    """Write a shop that starts from its customers' orders, and its ground truth, into `landing`.

    About `orders` orders and `events` events (default 14 an order; 0 writes none) are spread over `days` local days;
    `features` are names in `FEATURES`, by default all but injections. `ground_truth.json` has the summary, which is
    returned; `ground_truth/` has one Parquet file per subject. Files are daily up to 92 days and weekly for longer
    periods. Daily files can have faulty records beside the valid ones, at an `error_rate`. Equal arguments give equal
    bytes. `on_day` receives the number of days written, the number of days and of events. Raises ValueError for an
    argument out of range.
    """
    due = DEFAULT_EVENTS_PER_ORDER * orders if events is None else events
    chosen = frozenset(features)
    options = Options(orders, customers, products, days, seed, due, starts_on, timezone, currency, chosen, error_rate)
    return _Writer(landing, tell_story(build_world(options))).write(on_day or (lambda *_: None))


class _Writer:
    def __init__(self, landing: Path, story: Story) -> None:
        self._landing, self._story, self._world = landing, story, story.world
        self._options, self._calendar = story.world.options, story.world.calendar
        world = story.world
        self._snapshots = CustomerSnapshots(self._options, self._calendar, world.people, world.lives)
        self.documents = Documents(
            story.placed, story.priced, story.payments, world.catalogue, world.markets, story.numbers
        )
        self.event_lines = EventLines(self._options, world.people, world.catalogue, world.markets, story.numbers)
        self.files: dict[str, int] = dict.fromkeys(EXTENSIONS, 0)
        self.lines: dict[str, int] = dict.fromkeys(EXTENSIONS, 0)
        self._faulty = FaultyRecords(self._options, self._calendar)
        step = self._options.days_per_file
        self._first_days = np.arange(0, len(self._calendar), step)

    def write(self, on_day: Callable[[int, int, int], None]) -> RealisticGroundTruth:
        """Write all files and the ground truth."""
        self._write_documents()
        self._write_refunds()
        self._write_by_time("product_changes", self._world.catalogue.change_lines())
        if self._options.has("channels"):
            self._write_spend()
        self._write_snapshots()
        self._write_events(on_day)
        summary = summarise(self._story, self.documents, self.files, self.lines)
        summary["quarantined"] = self._faulty.quarantined(self.files)
        summary["duplicates"] = self._faulty.duplicates(self.files)
        write_subjects(self._landing / "ground_truth", self._story, self.documents, self.event_lines, self._snapshots)
        write_summary(self._landing, summary)
        return summary

    def _write_documents(self) -> None:
        orders = np.flatnonzero(self._story.exists)
        in_time = orders[np.argsort(self._story.numbers[orders])].tolist()
        sent = [version for order in in_time for version in self.documents.order_versions(order)]
        self._write_by_time("orders", sent)

    def _write_refunds(self) -> None:
        refunds = [(refund.at, self.documents.format_refund(refund)) for refund in self._story.refunds]
        self._write_by_time("refunds", refunds)

    def _write_spend(self) -> None:
        spend, channels = draw_spend(self._story), channels_of(self._options)
        currency, calendar = self._options.currency, self._calendar
        lines = [
            (int(calendar.starts[each.day]), format_spend(each, channels[each.channel], calendar.dates, currency))
            for each in spend
        ]
        self._write_by_time("spend", lines, SPEND_HEADER)

    def _write_snapshots(self) -> None:
        step = SNAPSHOT_DAYS if self._options.days_per_file == 1 else LONG_SNAPSHOT_DAYS
        for day in range(0, len(self._calendar), step):
            last = min(day + step, len(self._calendar)) - 1
            customers = pa.array(self._snapshots.lines(day), pa.string())
            self._write("customers", day, self._faulty.inject_customers(day, customers), HEADER)
            products = self._world.catalogue.snapshot(int(self._calendar.starts[day]))
            products = self._faulty.inject_products(day, products)
            write_table(self._path("products", day), products)
            self._count("products", len(products))
            rates = self._world.markets.rate_lines(day, last)
            self._write("exchange_rates", day, pa.array(rates, pa.string()), RATES_HEADER)

    def _write_events(self, on_day: Callable[[int, int, int], None]) -> None:
        events, ends = self._story.events, self._ends()
        bounds = [0, *np.searchsorted(events.at, ends, side="left").tolist()]
        for file, day in enumerate(self._first_days.tolist()):
            start, stop = bounds[file], bounds[file + 1]
            some = events.take(slice(start, stop))
            lines = self.event_lines.format(np.arange(start, stop), some)
            self._write("events", day, self._faulty.inject_events(day, some, lines))
            on_day(min(day + self._options.days_per_file, len(self._calendar)) - 1, len(self._calendar), stop)

    def _ends(self) -> Ints:
        """Return the end of each file's last day (UTC ms)."""
        ends: Ints = self._calendar.starts[np.append(self._first_days[1:], len(self._calendar))]
        return ends

    def _write_by_time(self, stream: str, lines: list[tuple[int, str]], header: str = "") -> None:
        """Write lines with their times into the file of their day; what comes after the last day is left out."""
        lines.sort(key=lambda line: line[0])
        times = np.array([at for at, _ in lines], dtype=np.int64)
        bounds = [0, *np.searchsorted(times, self._ends(), side="left").tolist()]
        for file, day in enumerate(self._first_days.tolist()):
            texts = [text for _, text in lines[bounds[file] : bounds[file + 1]]]
            self._write(stream, day, self._faulty.inject_records(stream, day, texts), header)

    def _write(self, stream: str, day: int, lines: pa.StringArray, header: str = "") -> None:
        if len(lines):
            write_lines(self._path(stream, day), lines, header)
            self._count(stream, len(lines))

    def _path(self, stream: str, day: int) -> Path:
        name = f"{stream}-{self._calendar.dates[day].isoformat()}.{EXTENSIONS[stream]}"
        return self._landing / stream / name

    def _count(self, stream: str, lines: int) -> None:
        self.files[stream] += 1
        self.lines[stream] += lines
