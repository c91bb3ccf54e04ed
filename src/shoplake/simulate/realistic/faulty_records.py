"""Faulty records in the files of the realistic shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from shoplake.simulate.faults.events import EventFaults
from shoplake.simulate.faults.faults import FaultPlan
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
        faults = self._records.get(stream)
        return faults.inject(day, lines) if faults else pa.array(lines, pa.string())

    def inject_customers(self, day: int, lines: pa.StringArray) -> pa.StringArray:
        """Return a snapshot of customers with invalid lines."""
        return self._snapshots.customers(day, lines)

    def inject_products(self, day: int, rows: pa.Table) -> pa.Table:
        """Return a snapshot of products with invalid rows."""
        return self._snapshots.products(day, rows)

    def quarantined(self, streams: Iterable[str]) -> dict[str, Counts]:
        """Return the records that violate a rule, by stream and cause."""
        return self._of_streams(self._plan.quarantined(), streams)

    def duplicates(self, streams: Iterable[str]) -> dict[str, Counts]:
        """Return the duplicate records by stream, exact and conflicting ones."""
        return self._of_streams(self._plan.duplicates(), streams)

    def _of_streams(self, counts: dict[str, Counts], streams: Iterable[str]) -> dict[str, Counts]:
        """Return the counts of each stream; none where it can have no faults, or the shop has none."""
        return {stream: counts.get(stream, {}) if self._is_enabled else {} for stream in streams}
