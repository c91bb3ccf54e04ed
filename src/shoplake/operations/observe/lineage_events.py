"""OpenLineage events of a run: START and COMPLETE or FAIL of the run, of each table, and of the check of its rules.

https://openlineage.io/spec/2-0-2/OpenLineage.json. Names and counts, never values of records.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from shoplake.engine import WriteResult
from shoplake.operations.observe.lineage_datasets import LineageDatasets, facet
from shoplake.pipeline.error_log import mask_values

if TYPE_CHECKING:
    from shoplake.declare import Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import TableReader
    from shoplake.pipeline.run_result import ProgressListener, RunResult, TableResult

PRODUCER = "https://github.com/shoplake/shoplake"
SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
RUN_JOB = "run"
Event = dict[str, Any]


@dataclass
class _TableRun:
    """When work on a table began and ended, and what it did so far."""

    started_at: datetime
    finished_at: datetime | None = None
    result: WriteResult = field(default_factory=lambda: WriteResult(0, 0))


class LineageListener:
    """Listens to a run, notifies another listener, and returns the events of the run at its end.

    Jobs are in the namespace of the lake: `run`, each table by `layer.table`, and `layer.table.rules`.
    """

    def __init__(
        self, engine: TableReader, catalog: Catalog, feeds: Feeds, listener: ProgressListener | None = None
    ) -> None:
        self._catalog, self._listener, self._namespace = catalog, listener, engine.lake
        self._datasets = LineageDatasets(engine, catalog, feeds)
        self._started_at, self._lock = datetime.now(UTC), Lock()
        self._tables: dict[str, _TableRun] = {}

    def started(self, table: str) -> None:
        """Work on a table begins."""
        with self._lock:
            run = self._tables.setdefault(table, _TableRun(datetime.now(UTC)))
            run.finished_at = None
        if self._listener is not None:
            self._listener.started(table)

    def finished(self, step: TableResult) -> None:
        """Work on a table is done."""
        with self._lock:
            run = self._tables[step.table]
            run.finished_at, run.result = datetime.now(UTC), run.result + step.result
        if self._listener is not None:
            self._listener.finished(step)

    def completed(self, result: RunResult) -> list[Event]:
        """Return the events of a run that is complete."""
        return self._events(uuid.UUID(result.run_id), None)

    def failed(self, error: BaseException) -> list[Event]:
        """Return the events of a run that an exception ended: tables that are not finished have failed."""
        return self._events(uuid.uuid4(), error)

    def _events(self, run: uuid.UUID, error: BaseException | None) -> list[Event]:
        end = datetime.now(UTC)
        tables = [
            event
            for name, each in self._tables.items()
            for event in self._table_events(self._catalog[name], each, run, error, end)
        ]
        state = "COMPLETE" if error is None else "FAIL"
        first = self._event("START", self._started_at, run, RUN_JOB, {})
        return [first, *tables, self._event(state, end, run, RUN_JOB, _error_facet(error))]

    def _table_events(
        self, table: Table[...], of: _TableRun, run: uuid.UUID, error: BaseException | None, end: datetime
    ) -> list[Event]:
        name = table.qualified_name
        parent = {"parent": self._parent(run)}
        inputs, id = self._datasets.inputs(table), uuid.uuid5(run, name)
        start = self._event("START", of.started_at, id, name, parent, inputs, [self._datasets.dataset(table)])
        if of.finished_at is None:
            output = [self._datasets.dataset(table)]
            return [start, self._event("FAIL", end, id, name, parent | _error_facet(error), inputs, output)]
        output = [self._datasets.written(table, of.result)]
        events = [start, self._event("COMPLETE", of.finished_at, id, name, parent, inputs, output)]
        if table.expectations:
            job, checked = f"{name}.rules", [self._datasets.checked(table, of.result)]
            id = uuid.uuid5(run, job)
            events.append(self._event("START", of.started_at, id, job, parent, checked))
            events.append(self._event("COMPLETE", of.finished_at, id, job, parent, checked))
        return events

    def _parent(self, run: uuid.UUID) -> dict[str, Any]:
        job = {"namespace": self._namespace, "name": RUN_JOB}
        return facet("1-0-1/ParentRunFacet", run={"runId": str(run)}, job=job)

    def _event(
        self,
        state: str,
        at: datetime,
        run: uuid.UUID,
        job: str,
        facets: dict[str, Any],
        inputs: list[dict[str, Any]] | None = None,
        outputs: list[dict[str, Any]] | None = None,
    ) -> Event:
        return {
            "eventType": state,
            "eventTime": at.isoformat(),
            "run": {"runId": str(run), "facets": facets},
            "job": {"namespace": self._namespace, "name": job, "facets": {}},
            "inputs": inputs or [],
            "outputs": outputs or [],
            "producer": PRODUCER,
            "schemaURL": SCHEMA,
        }


def _error_facet(error: BaseException | None) -> dict[str, Any]:
    if error is None:
        return {}
    message = f"{type(error).__name__}: {mask_values(str(error))}"
    return {"errorMessage": facet("1-0-0/ErrorMessageRunFacet", message=message, programmingLanguage="PYTHON")}
