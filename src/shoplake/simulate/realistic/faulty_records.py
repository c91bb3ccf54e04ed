"""Faulty records in the files of the realistic shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from shoplake.simulate.faults.events import EventFaults
from shoplake.simulate.faults.faults import STREAMS, FaultPlan
from shoplake.simulate.faults.records import RecordFaults, SnapshotFaults

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.ground_truth.schema import Counts
    from shoplake.simulate.realistic.events.visits import Events
    from shoplake.simulate.realistic.options import Options


class FaultyRecords:
    """Adds faulty records to the shop's files, as many as its error rate says, and counts them."""

    def __init__(self, options: Options, calendar: Calendar) -> None:
        shop, self._plan = options.shop(), FaultPlan(options.error_rate)
        self._is_enabled = options.error_rate > 0
        self._events = EventFaults(shop, calendar, self._plan)
        self._snapshots = SnapshotFaults(shop, self._plan)
        self._records = {name: RecordFaults(shop, calendar, self._plan, name) for name in ("orders", "refunds")}

    def inject_events(self, day: int, rows: Events, lines: pa.StringArray) -> pa.StringArray:
        """Return the lines of a day's events with their faults; `rows` are the same events."""
        return self._events.inject(day, 1, rows, lines)

    def inject_records(self, stream: str, day: int, lines: list[str]) -> pa.StringArray:
        """Return the lines of a stream's file with their faults; those of other streams than orders, refunds as is."""
        if not self._is_enabled or stream not in self._records:
            return pa.array(lines, pa.string())
        return self._records[stream].inject(day, lines)

    def inject_customers(self, day: int, lines: pa.StringArray) -> pa.StringArray:
        """Return a snapshot of customers with invalid lines."""
        return self._snapshots.customers(day, lines) if self._is_enabled else lines

    def inject_products(self, day: int, rows: pa.Table) -> pa.Table:
        """Return a snapshot of products with invalid rows."""
        return self._snapshots.products(day, rows) if self._is_enabled else rows

    def quarantined(self, streams: Iterable[str]) -> dict[str, Counts]:
        """Return the records that violate a rule, by stream and cause."""
        counts = self._plan.quarantined()
        return {stream: counts[stream] if self._is_enabled and stream in STREAMS else {} for stream in streams}

    def duplicates(self, streams: Iterable[str]) -> dict[str, Counts]:
        """Return the duplicate records by stream, exact and conflicting ones."""
        counts = self._plan.duplicates()
        return {stream: counts[stream] if self._is_enabled and stream in STREAMS else {} for stream in streams}
