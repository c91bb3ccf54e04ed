"""What every answer gets: a request id, security headers, timings, a log record and a count; foreign hosts get 400."""

import logging
import time
from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shoplake.serve.api.access.body_limit import limit_body
from shoplake.serve.api.context import SCOPE_KEY, RequestContext
from shoplake.serve.api.headers import find_header
from shoplake.serve.api.metrics import Metrics
from shoplake.serve.api.origin import check_host
from shoplake.serve.api.problem import ProblemError, problem_response

log = logging.getLogger("shoplake.serve")
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ENCODED = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]


class AnswerMiddleware:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], metrics: Metrics) -> None:
        self._app, self._hosts, self._metrics = app, frozenset(hosts), metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        context = scope[SCOPE_KEY] = RequestContext()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(context, message)
            await send(message)

        try:
            check_host(find_header(scope, b"host"), self._hosts)
            await self._app(scope, limit_body(receive), send_with_headers)
        except ProblemError as error:
            await problem_response(error)(scope, receive, send_with_headers)
        except Exception as error:
            log.error("request_id=%s failed", context.request_id, exc_info=error)
            if status:  # the answer has begun: the connection is cut, so that nobody takes it for a whole one
                raise
            detail = f"The server failed. Its log has the request id {context.request_id}."
            await problem_response(ProblemError(500, detail))(scope, receive, send_with_headers)
        finally:
            self._record(scope, context, status or 500)
        return None

    def _add_headers(self, context: RequestContext, message: Message) -> None:
        total = (time.perf_counter() - context.started_at) * 1000
        timings = ", ".join(f"{step};dur={ms:.2f}" for step, ms in (*context.timings.items(), ("total", total)))
        headers = [*message["headers"], *ENCODED]
        given = {name for name, _ in message["headers"]}
        for name, value in context.headers.items():
            if (key := name.lower().encode()) not in given:
                headers.append((key, value.encode("latin-1")))
        headers.append((b"x-request-id", context.request_id.encode()))
        headers.append((b"server-timing", timings.encode()))
        message["headers"] = headers

    def _record(self, scope: Scope, context: RequestContext, status: int) -> None:
        seconds = time.perf_counter() - context.started_at
        self._metrics.count(context.route, status, seconds)
        if log.isEnabledFor(logging.INFO):
            holder = context.access.holder if context.access else "-"
            log.info(
                "method=%s path=%s status=%d ms=%.1f holder=%s request_id=%s",
                *(scope["method"], scope["path"], status, seconds * 1000, holder, context.request_id),
            )
