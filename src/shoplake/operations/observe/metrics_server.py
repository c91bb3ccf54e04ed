"""Serves metrics at /metrics on this machine while a lake is watched."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Self

from shoplake.errors import ShoplakeError
from shoplake.operations.observe.prometheus import CONTENT_TYPE

if TYPE_CHECKING:
    from types import TracebackType

HOST = "127.0.0.1"
PATH = "/metrics"


class MetricsServer:
    """Serves the text in `text`, inside a `with`; port 0 is any free one. Raises ShoplakeError for one in use."""

    def __init__(self, port: int) -> None:
        self.text = ""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Answer with the metrics; 404 for other paths."""
                body = server.text.encode() if self.path == PATH else b"Not found. Metrics are at /metrics.\n"
                self.send_response(200 if self.path == PATH else 404)
                self.send_header("Content-Type", CONTENT_TYPE)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Log nothing: requests are not part of the work."""

        try:
            self._server = ThreadingHTTPServer((HOST, port), Handler)
        except OSError as error:
            raise ShoplakeError(f"Port {port} cannot be used for metrics: {error.strerror}. Name another.") from error
        self.port = int(self._server.server_address[1])
        self._thread = Thread(target=self._server.serve_forever, name="shoplake-metrics", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
