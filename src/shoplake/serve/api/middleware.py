"""What every answer gets: a request id, security headers, timings, a log record and a count; foreign hosts get 400."""

import logging
import time
from collections.abc import Collection, Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shoplake.serve.api.access.body_limit import limit_body
from shoplake.serve.api.access.path_values import mark_slashes, sent_path
from shoplake.serve.api.context import SCOPE_KEY, RequestContext
from shoplake.serve.api.headers import find_header, read_headers
from shoplake.serve.api.metrics import Metrics
from shoplake.serve.api.origin import check_host
from shoplake.serve.api.problem import ProblemError, problem_response
from shoplake.serve.api.short_path import ShortPath

MAX_KNOWN_HOSTS = 64
FIRST_ERROR = 400
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
    """Wraps the whole application, which answers what the short path does not."""

    def __init__(self, app: ASGIApp, short_path: ShortPath, hosts: Collection[str], metrics: Metrics) -> None:
        self._app, self._short_path, self._hosts, self._metrics = app, short_path, frozenset(hosts), metrics
        self._known_hosts = set[bytes | None]()
        """Headers whose hosts have been found among `hosts`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        context = scope[SCOPE_KEY] = RequestContext()
        mark_slashes(scope)
        if scope["method"] == "HEAD":
            send = _without_body(send)
        try:
            self._check_host(scope)
            response = await self._short_path.find_answer(scope, receive, context)
            if response is None:
                await self._app(scope, limit_body(receive), _with_headers(context, send))
            else:
                context.status = response.status_code
                headers = _add_headers(context, response.raw_headers)
                await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
                await send({"type": "http.response.body", "body": response.body})
        except ProblemError as error:
            await problem_response(error)(scope, receive, _with_headers(context, send))
        except Exception as error:
            log.error("request_id=%s failed", context.request_id, exc_info=error)
            if context.status:  # the answer has begun: the connection is cut, so that nobody takes it for a whole one
                raise
            detail = f"The server failed. Its log has the request id {context.request_id}."
            await problem_response(ProblemError(500, detail))(scope, receive, _with_headers(context, send))
        finally:
            self._record(scope, context, context.status or 500)
        return None

    def _check_host(self, scope: Scope) -> None:
        host = read_headers(scope).get(b"host")
        if host not in self._known_hosts:
            check_host(find_header(scope, b"host"), self._hosts)
            if len(self._known_hosts) < MAX_KNOWN_HOSTS:
                self._known_hosts.add(host)

    def _record(self, scope: Scope, context: RequestContext, status: int) -> None:
        seconds = time.perf_counter() - context.started_at
        self._metrics.count(context.route, status, seconds)
        if log.isEnabledFor(logging.INFO):
            holder = context.access.holder if context.access else "-"
            log.info(
                "method=%s path=%s status=%d ms=%.1f holder=%s request_id=%s",
                *(scope["method"], sent_path(scope), status, seconds * 1000, holder, context.request_id),
            )


def _without_body(send: Send) -> Send:
    """Return `send` that leaves out the body; the headers say how long it would be."""

    async def send_head(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_head


def _with_headers(context: RequestContext, send: Send) -> Send:
    """Return `send` with the headers of the context. An error has no ETag: nothing is there that could be unchanged."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            context.status = message["status"]
            if context.status >= FIRST_ERROR:
                context.headers.pop(b"etag", None)
            message["headers"] = _add_headers(context, message["headers"])
        await send(message)

    return send_with_headers


def _add_headers(context: RequestContext, given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer; one that is given already is not set again."""
    timings = "".join([f"{step};dur={ms:.2f}, " for step, ms in context.timings.items()])
    total = (time.perf_counter() - context.started_at) * 1000
    headers = [*given, *ENCODED]
    names = {name for name, _ in given}
    if names.isdisjoint(context.headers):
        headers += context.headers.items()
    else:
        headers += [each for each in context.headers.items() if each[0] not in names]
    headers.append((b"x-request-id", context.request_id.encode()))
    headers.append((b"server-timing", f"{timings}total;dur={total:.2f}".encode()))
    return headers
