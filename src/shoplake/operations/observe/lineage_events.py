"""OpenLineage events of a run: START and COMPLETE or FAIL of the run, of each table, and of the check of its rules.

https://openlineage.io/spec/2-0-2/OpenLineage.json. Names and counts, never values of records.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import RLock
from typing import TYPE_CHECKING, Any

from shoplake.operations.observe.lineage_datasets import LineageDatasets, facet
from shoplake.pipeline.error_log import mask_values
from shoplake.pipeline.run_result import ForwardingListener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shoplake.declare import Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import TableReader, WriteResult
    from shoplake.pipeline.run_result import ProgressListener, TableResult

log = logging.getLogger("shoplake.lineage")
PRODUCER = "https://github.com/shoplake/shoplake"
SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
RUN_JOB = "run"
Event = dict[str, Any]


@dataclass(frozen=True)
class _Write:
    """A write to a table that is at work: the id of its run, and when it began."""

    id: uuid.UUID
    started_at: datetime


class LineageListener(ForwardingListener):
    """Listens to runs, notifies another listener, and sends the events of a run while it goes on.

    Jobs are in the namespace of the lake: `run`, each table by `layer.table`, and `layer.table.rules`. Each write to a
    table is a run of its job, within the run of the lake. `send` receives the events, in their order. No error of an
    event is an error of the run that it is about: it is logged.
    """

    def __init__(
        self,
        engine: TableReader,
        catalog: Catalog,
        feeds: Feeds,
        send: Callable[[list[Event]], None],
        listener: ProgressListener | None = None,
    ) -> None:
        super().__init__(listener)
        self._catalog, self._namespace, self._send = catalog, engine.lake, send
        self._datasets = LineageDatasets(engine, catalog, feeds)
        self._lock = RLock()
        self._reset(uuid.uuid4())

    def _reset(self, run: uuid.UUID) -> None:
        self._run, self._began_at, self._is_announced = run, datetime.now(UTC), False
        self._open: dict[str, _Write] = {}
        self._writes = Counter[str]()

    def begin(self, run_id: str) -> None:
        """Forget the run before; the first event of this one is sent with that of its first table."""
        with self._lock:
            if self._is_announced:
                self.completed()
            self._reset(uuid.UUID(run_id))
        super().begin(run_id)

    def started(self, table: str) -> None:
        """Work on a table begins."""
        with self._lock, _logged():
            self._announce()
            self._writes[table] += 1
            number = "" if self._writes[table] == 1 else f"/{self._writes[table]}"
            write = self._open[table] = _Write(uuid.uuid5(self._run, f"{table}{number}"), datetime.now(UTC))
            self._send([self._table_event("START", write.started_at, write, self._catalog[table])])
        super().started(table)

    def finished(self, step: TableResult) -> None:
        """Work on a table is done."""
        with self._lock, _logged():
            write, table = self._open.pop(step.table), self._catalog[step.table]
            output, at = self._datasets.written(table, step.result), datetime.now(UTC)
            self._send([self._table_event("COMPLETE", at, write, table, output)])
            if table.expectations:
                self._send(self._rule_events(write, at, table, step.result))
        super().finished(step)

    def completed(self) -> None:
        """Send that the run is complete; a table that is still at work was stopped, and has failed."""
        self._end("COMPLETE", None)

    def failed(self, error: BaseException) -> None:
        """Send that an exception ended the run: tables that are at work have failed."""
        self._end("FAIL", error)

    def _end(self, state: str, error: BaseException | None) -> None:
        with self._lock, _logged():
            self._announce()
            at, facets = datetime.now(UTC), _error_facet(error)
            for name, write in self._open.items():
                self._send([self._table_event("FAIL", at, write, self._catalog[name], facets=facets)])
            self._send([self._event(state, at, self._run, RUN_JOB, facets)])
            self._reset(uuid.uuid4())

    def _announce(self) -> None:
        """Send that the run began, once."""
        if not self._is_announced:
            self._is_announced = True
            self._send([self._event("START", self._began_at, self._run, RUN_JOB, {})])

    def _table_event(
        self,
        state: str,
        at: datetime,
        write: _Write,
        table: Table[...],
        output: dict[str, Any] | None = None,
        facets: dict[str, Any] | None = None,
    ) -> Event:
        outputs = [self._datasets.dataset(table) if output is None else output]
        parent = {"parent": self._parent(self._run)} | (facets or {})
        return self._event(state, at, write.id, table.qualified_name, parent, self._datasets.inputs(table), outputs)

    def _rule_events(self, write: _Write, at: datetime, table: Table[...], result: WriteResult) -> list[Event]:
        job, checked = f"{table.qualified_name}.rules", [self._datasets.checked(table, result)]
        id, parent = uuid.uuid5(write.id, "rules"), {"parent": self._parent(self._run)}
        times = ("START", write.started_at), ("COMPLETE", at)
        return [self._event(state, when, id, job, parent, checked) for state, when in times]

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


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # the run goes on without the event
        log.warning("a lineage event is not sent: %s", type(error).__name__)


def _error_facet(error: BaseException | None) -> dict[str, Any]:
    if error is None:
        return {}
    message = f"{type(error).__name__}: {mask_values(str(error))}"
    return {"errorMessage": facet("1-0-0/ErrorMessageRunFacet", message=message, programmingLanguage="PYTHON")}
