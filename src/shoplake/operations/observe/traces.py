"""OpenTelemetry traces of runs: OTLP over HTTP as JSON, sent where the environment names an endpoint.

https://opentelemetry.io/docs/specs/otlp/ and the environment variables of the OpenTelemetry specification. Names and
counts, never values of records.
"""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from shoplake.operations.observe.http_sender import HttpSender
from shoplake.pipeline.error_log import mask_values
from shoplake.pipeline.run_result import ForwardingListener
from shoplake.settings.locations import is_http_address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shoplake.pipeline.run_result import ProgressListener, TableResult

ENDPOINT, TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
HEADERS, SERVICE, DISABLED = "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME", "OTEL_SDK_DISABLED"
COUNTS = ("rows_read", "rows_written", "rows_quarantined")
INTERNAL, OK, ERROR = 1, 1, 2
Document = dict[str, Any]


@dataclass
class _Span:
    name: str
    parent: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:16])
    began_ns: int = field(default_factory=time.time_ns)

    def end(self, trace: str, attributes: Mapping[str, str | int], error: str | None = None) -> Document:
        """Return the span as it is sent; without an error it is OK."""
        values = {
            key: {"intValue" if isinstance(each, int) else "stringValue": str(each)} for key, each in attributes.items()
        }
        status = {"code": OK} if error is None else {"code": ERROR, "message": error}
        return {
            "traceId": trace,
            "spanId": self.id,
            "parentSpanId": self.parent,
            "name": self.name,
            "kind": INTERNAL,
            "startTimeUnixNano": str(self.began_ns),
            "endTimeUnixNano": str(time.time_ns()),
            "attributes": [{"key": key, "value": value} for key, value in values.items()],
            "status": status,
        }


class TraceListener(ForwardingListener):
    """Listens to runs, notifies another listener, and sends a trace of each run that ends: a span per write.

    The id of a trace is that of the run in `ops.table_runs`.
    """

    def __init__(
        self, send: Callable[[Document], None], service: str = "shoplake", listener: ProgressListener | None = None
    ) -> None:
        super().__init__(listener)
        self._send, self._service, self._lock = send, service, Lock()
        self._reset(uuid.uuid4().hex)

    def _reset(self, run_id: str) -> None:
        self._trace, self._root = run_id, _Span("run")
        self._open: dict[str, _Span] = {}
        self._ended: list[Document] = []

    def begin(self, run_id: str) -> None:
        """Forget the run before, and begin the trace of this one."""
        with self._lock:
            self._reset(run_id)
        super().begin(run_id)

    def started(self, table: str) -> None:
        """Work on a table begins."""
        with self._lock:
            self._open[table] = _Span(table, self._root.id)
        super().started(table)

    def finished(self, step: TableResult) -> None:
        """Work on a table is done."""
        with self._lock:
            counts = {f"shoplake.{name}": getattr(step.result, name) for name in COUNTS}
            span = self._open.pop(step.table, None)
            if span is not None:
                self._ended.append(span.end(self._trace, counts))
        super().finished(step)

    def completed(self) -> None:
        """Send the trace of a run that is complete; a table that is still at work was stopped."""
        self._end(None)

    def failed(self, error: BaseException) -> None:
        """Send the trace of a run that an exception ended."""
        self._end(f"{type(error).__name__}: {mask_values(str(error))}")

    def _end(self, error: str | None) -> None:
        with self._lock:
            stopped = [span.end(self._trace, {}, error or "stopped") for span in self._open.values()]
            root = self._root.end(self._trace, {"shoplake.tables": len(self._ended)}, error)
            self._send(self._document([root, *self._ended, *stopped]))
            self._reset(uuid.uuid4().hex)

    def _document(self, spans: list[Document]) -> Document:
        service = {"key": "service.name", "value": {"stringValue": self._service}}
        scoped = {"scope": {"name": "shoplake"}, "spans": spans}
        return {"resourceSpans": [{"resource": {"attributes": [service]}, "scopeSpans": [scoped]}]}


def open_traces(environment: Mapping[str, str] = os.environ) -> HttpSender | None:
    """Return what sends traces to the endpoint of the environment; None where it names none or disables them.

    What is no http(s) address is the `problem` of the sender, which then sends nothing.
    """
    base = environment.get(ENDPOINT, "").rstrip("/")
    url = environment.get(TRACES_ENDPOINT) or (f"{base}/v1/traces" if base else "")
    if not url or environment.get(DISABLED, "").lower() == "true":
        return None
    pairs = (each.partition("=") for each in environment.get(HEADERS, "").split(",") if "=" in each)
    sender = HttpSender(url, {name.strip(): unquote(value.strip()) for name, _, value in pairs})
    if not is_http_address(url):
        name = TRACES_ENDPOINT if environment.get(TRACES_ENDPOINT) else ENDPOINT
        sender.problem = f"{name} is no address that begins with http:// or https://"
    return sender
