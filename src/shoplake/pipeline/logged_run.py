"""Runs the pipeline and logs what it does: each record has the run, and the table being updated."""

from __future__ import annotations

import contextlib
import logging
import time
from typing import TYPE_CHECKING

from shoplake.log import log_context, set_log_context
from shoplake.pipeline.cost_meter import CostMeter
from shoplake.pipeline.error_log import recorded_errors
from shoplake.pipeline.run_result import ForwardingListener
from shoplake.pipeline.runner import PipelineRun

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from shoplake.declare.catalog import Catalog
    from shoplake.engine import FileName, PipelineEngine, StateStore
    from shoplake.pipeline.planner import RunSelection
    from shoplake.pipeline.runner import ProgressListener, RunResult, TableResult
    from shoplake.pipeline.stopped_tables import StoppedTables
    from shoplake.quality.gates import Acceptance
    from shoplake.settings import Settings

log = logging.getLogger("shoplake.pipeline")


class LoggingListener(ForwardingListener):
    """Logs each table of a run, and notifies another listener. Tables are updated in several threads."""

    def __init__(self, listener: ProgressListener | None) -> None:
        super().__init__(listener)
        self.run_id = ""

    def begin(self, run_id: str) -> None:
        """Log with the id of a run that begins."""
        self.run_id = run_id
        super().begin(run_id)

    def started(self, table: str) -> None:
        """Work on a table begins."""
        set_log_context(self.run_id, table)
        log.info("table started")
        super().started(table)

    def finished(self, step: TableResult) -> None:
        """Work on a table is done."""
        counts = step.result
        log.info(
            "table finished in %.2f s: %d read, %d written, %d quarantined, %d duplicate, version %d",
            step.duration_s,
            counts.rows_read,
            counts.rows_written,
            counts.rows_quarantined,
            counts.rows_duplicate,
            step.version,
        )
        super().finished(step)
        set_log_context(self.run_id, "")


def run_logged(
    engine: PipelineEngine,
    catalog: Catalog,
    state: StateStore,
    settings: Settings,
    listener: ProgressListener | None = None,
    selection: RunSelection | None = None,
    lease_check: Callable[[], None] = lambda: None,
    only_files: Collection[FileName] | None = None,
    acceptance: Acceptance | None = None,
    stopped: StoppedTables | None = None,
) -> RunResult:
    """Execute one run of the pipeline, as `PipelineRun` does with the same arguments, and log it."""
    costs = CostMeter(listener)
    logging_listener = LoggingListener(costs)
    arguments = (engine, catalog, state, settings, logging_listener, selection, lease_check, only_files)
    run = PipelineRun(*arguments, acceptance=acceptance, stopped=stopped)
    logging_listener.begin(run.result.run_id)
    recorded = recorded_errors(state, run.result.run_id, run.at, run.result.failed_table)
    with log_context(run.result.run_id), _logged(), recorded:
        result = run.execute()
        costs.record(engine, catalog, state, result.run_id, run.at)
        for stop in result.stops:
            level = logging.DEBUG if stop.is_known else logging.ERROR
            log.log(level, "table %s stopped by %s; %d tables not built", stop.table, stop.rule, len(stop.not_built))
        log.info("run: %d files, %d bytes ingested; %d tables written", result.files, result.bytes, len(result.tables))
        return result


@contextlib.contextmanager
def _logged() -> Iterator[None]:
    began = time.monotonic()
    log.info("run started")
    try:
        yield
    except BaseException as error:
        log.error("run failed after %.2f s: %s", time.monotonic() - began, type(error).__name__)
        raise
    log.info("run finished in %.2f s", time.monotonic() - began)
