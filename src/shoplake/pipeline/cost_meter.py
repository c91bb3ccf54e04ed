"""Measures what the tables of a run cost: processor time, duration and size."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Any

from shoplake.engine import COSTS, table_size
from shoplake.pipeline.run_result import ForwardingListener

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from shoplake.declare.catalog import Catalog
    from shoplake.engine import StateStore, TableReader
    from shoplake.pipeline.run_result import ProgressListener, TableResult


class CostMeter(ForwardingListener):
    """Listens to a run, and notifies another listener.

    The processor time of this process, embedded engine included, since the last table was finished counts for a table.
    Tables that are updated at the same time share it by the order in which they finish; the sum is exact. `cpu_clock`
    returns seconds of processor time.
    """

    def __init__(self, listener: ProgressListener | None, cpu_clock: Callable[[], float] = time.process_time) -> None:
        super().__init__(listener)
        self._cpu_clock = cpu_clock
        self._lock, self._seen_s = Lock(), cpu_clock()
        self._rows: dict[str, dict[str, Any]] = {}

    def finished(self, step: TableResult) -> None:
        """Add what the table cost; one that is written several times in a run is one row."""
        with self._lock:
            now_s = self._cpu_clock()
            row = self._rows.setdefault(step.table, {"table": step.table, "duration_s": 0.0, "cpu_s": 0.0})
            row["duration_s"] += step.duration_s
            row["cpu_s"] += now_s - self._seen_s
            self._seen_s = now_s
        super().finished(step)

    def record(self, engine: TableReader, catalog: Catalog, state: StateStore, run_id: str, at: datetime) -> None:
        """Append one row per table to `ops.costs`, with the size that the table now has; nothing without tables."""
        for row in self._rows.values():
            row["files"], row["size"] = table_size(engine.path(catalog[row["table"]]))
            row |= {"duration_s": round(row["duration_s"], 3), "cpu_s": round(row["cpu_s"], 3)}
        stamp = {"run_id": run_id, "recorded_at": at}
        if self._rows:
            state.append(COSTS, [row | stamp for row in self._rows.values()])
