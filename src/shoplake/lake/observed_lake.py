"""What other programs see of a lake: metrics, errors, costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.engine import FILES
from shoplake.lake.maintained_lake import MaintainedLake
from shoplake.operations.observe.cost_report import TABLE, Cost, report_costs
from shoplake.operations.observe.lake_metrics import lake_metrics
from shoplake.operations.observe.lineage_events import LineageListener
from shoplake.operations.observe.prometheus import render_metrics
from shoplake.pipeline.error_log import ErrorSummary, summarize_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoplake.operations.observe.lineage_events import Event
    from shoplake.pipeline.run_result import ProgressListener


class ObservedLake(MaintainedLake):
    """A lake that can be monitored. Nothing that it shows has a value of a record."""

    def costs(self, by: str = TABLE, price_per_gb: float | None = None) -> list[Cost]:
        """Return processor time, duration and size by table, or of the runs of each day (`by="day"`).

        `price_per_gb` is that of storage per month, in any currency; tables then have a price.
        """
        self._existing(FILES.qualified_name)
        with self._working():
            return report_costs(self.engine, self.state, self.known.values(), by, price_per_gb)

    def errors(self) -> list[ErrorSummary]:
        """Return the errors that ended runs, the one that was seen last first."""
        self._existing(FILES.qualified_name)
        return summarize_errors(self.state)

    def lineage(self, send: Callable[[list[Event]], None], listener: ProgressListener | None = None) -> LineageListener:
        """Return a listener for `run` and `watch` that sends OpenLineage events while a run goes on."""
        return LineageListener(self.engine, self.catalog, self.settings.feeds, send, listener)

    def metrics(self) -> str:
        """Return the metrics of the lake in the text format of Prometheus."""
        self._existing(FILES.qualified_name)
        with self._working():
            arguments = (self.engine, self.state, self.known.values(), self.open_quarantined())
            return render_metrics(lake_metrics(*arguments))
