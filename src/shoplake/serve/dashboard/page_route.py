"""Routes of pages: behind the gate as all routes, with errors as pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from shoplake.errors import ShoplakeError
from shoplake.serve.api.access.rules import GatedRoute
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.dashboard.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

SITE = Site()
LOG_IN = "Open the address that `shoplake serve` prints when it starts, or type a key of `shoplake keys create`."
EMPTY = (
    "After a run the store is built, and this page shows it by itself. "
    "Without a run, simulate a shop, or fill the lake with your own files."
)
NOTHING_BUILT = (
    "A run has finished, and no order and no event is in the tables. The page Quality says what arrived, which records "
    "are quarantined and why, and which gate stopped a table. Then run again, and this page shows the shop by itself."
)
RELOAD_S = 3
WITH_WAY_BACK = (403, 404, 405, 422)
WAY_BACK = ("Overview", "/")
COMMANDS = ("shoplake demo --serve", "shoplake run")
TITLES = {
    401: "Log in",
    403: "Not for your role",
    404: "Not found",
    405: "Not found",
    429: "Too many requests",
    503: "No data yet",
}


def message_page(status: int, text: str, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """Return a page that says what went wrong or what to do."""
    title, commands = TITLES.get(status, "This did not work"), COMMANDS if status == 503 else ()
    link = WAY_BACK if status in WITH_WAY_BACK else None
    html = SITE.render_message(title, text, commands, has_form=status == 401, link=link)
    return _respond(html, status, headers or {})


def nothing_built_page() -> HTMLResponse:
    """Return the page of a lake whose runs built neither sales nor visits: it links to what became of the records."""
    html = SITE.render_message(TITLES[503], NOTHING_BUILT, COMMANDS[1:], link=("Quality", "/quality"))
    return _respond(html, 503, {})


def _respond(html: str, status: int, headers: Mapping[str, str]) -> HTMLResponse:
    reload = {"Refresh": str(RELOAD_S)} if status == 503 else {}
    return HTMLResponse(html, status, {**headers, **reload, "Cache-Control": "no-store"})


class PageRoute(GatedRoute):
    """A route of a page. Problems become pages with the same status."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler: the gate, then the endpoint; their errors as HTML."""
        gated = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await gated(request)
            except ProblemError as error:
                text = {401: LOG_IN, 503: EMPTY}.get(error.status, error.detail)
                return message_page(error.status, text, error.headers)
            except ShoplakeError as error:
                return message_page(404, str(error))

        return handle
