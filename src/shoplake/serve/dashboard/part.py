"""The dashboard as a part of the application."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from shoplake.serve.answers.query.ranges import find_scopes
from shoplake.serve.api.access.gate import VARY
from shoplake.serve.api.access.path_values import sent_path
from shoplake.serve.api.access.rules import ANY_ROLE, PERSONAL, PUBLIC, Rule, rule
from shoplake.serve.api.compression import compress
from shoplake.serve.api.context import context_of
from shoplake.serve.api.media import choose_encoding
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.app import Part
from shoplake.serve.dashboard.blocks import Page
from shoplake.serve.dashboard.charts.interactive import script_name
from shoplake.serve.dashboard.charts.renderer import ChartRenderer
from shoplake.serve.dashboard.page_context import PageContext
from shoplake.serve.dashboard.page_route import SITE, PageRoute, message_page, nothing_built_page
from shoplake.serve.dashboard.page_state import read_state
from shoplake.serve.dashboard.pages.customer import customer_page
from shoplake.serve.dashboard.pages.customers import customers_page
from shoplake.serve.dashboard.pages.journey import journey
from shoplake.serve.dashboard.pages.marketing import marketing
from shoplake.serve.dashboard.pages.models import models_page
from shoplake.serve.dashboard.pages.money import money
from shoplake.serve.dashboard.pages.overview import interactive, overview
from shoplake.serve.dashboard.pages.products import product_page, products_page
from shoplake.serve.dashboard.pages.quality import quality_page
from shoplake.serve.dashboard.pages.rows import rows_page, scope_of
from shoplake.serve.dashboard.site import read_asset

PAGES: dict[str, Callable[[PageContext], Page]] = {
    "/": overview,
    "/journey": journey,
    "/products": products_page,
    "/customers": customers_page,
    "/marketing": marketing,
    "/money": money,
    "/models": models_page,
    "/quality": quality_page,
    "/chart": interactive,
}
WITHOUT_SALES = ("/quality", "/models", "/rows/")
"""Pages that say what arrived and what became of it, also where no sale and no visit is built."""
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
ASSETS = {"style.css": "text/css", "icon.svg": "image/svg+xml"}


@dataclass(frozen=True)
class Dashboard:
    """The pages over a store. Times are shown in the time zone of the feed, as `timezones` has it by feed."""

    timezones: Mapping[str, str] = field(default_factory=dict)
    charts: ChartRenderer = field(default_factory=ChartRenderer)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def part(self) -> Part:
        """Return the routes, and the lifespan of the process that renders charts."""
        router = APIRouter(route_class=PageRoute, include_in_schema=False)
        for path, build in PAGES.items():
            self._add(router, path, partial(_without_request, build))
        self._add(router, "/rows/{name}", _rows)
        self._add(router, "/products/{name}", lambda context, request: product_page(context, _name(request)))
        self._add(
            router, "/customers/{name}", lambda context, request: customer_page(context, _name(request)), PERSONAL
        )
        router.add_api_route("/assets/{version}/{name}", _asset, methods=["GET"])
        self._add_script(router)
        return Part(routers=[router], lifespan=self._lifespan, error_page=message_page)

    def _add_script(self, router: APIRouter) -> None:
        @rule(PUBLIC)
        async def script(name: str) -> Response:
            if name != script_name():
                raise ProblemError(404, "No script has this name.")
            return Response(await run_in_threadpool(self.charts.script), headers=FOREVER, media_type="text/javascript")

        router.add_api_route("/scripts/{name}", script, methods=["GET"])

    def _add(
        self, router: APIRouter, path: str, build: Callable[[PageContext, Request], Page], access: Rule = ANY_ROLE
    ) -> None:
        @rule(access)
        async def page(request: Request) -> Response:
            return await run_in_threadpool(self._respond, request, build)

        page.__name__ = f"page_{path.strip('/') or 'overview'}"
        router.add_api_route(path, page, methods=["GET"], response_class=HTMLResponse)

    def _respond(self, request: Request, build: Callable[[PageContext, Request], Page]) -> Response:
        can_see_personal = context_of(request).can_see_personal
        generation = request.app.state.gate.store.current(with_personal=can_see_personal)
        if generation is None:
            raise ProblemError(503, "The lake is empty.")
        scopes = find_scopes(generation)
        if not scopes and not request.url.path.startswith(WITHOUT_SALES):
            return nothing_built_page()
        typed = dict(request.query_params)
        state = read_state(generation, scope_of(typed) if request.url.path.startswith("/rows/") else typed)
        zone = ZoneInfo(self.timezones.get(state.scope.feed) or next(iter(self.timezones.values()), "UTC"))
        context = PageContext(generation, state, self.charts, zone, self.clock(), can_see_personal)
        feeds = list(dict.fromkeys(row["feed"] for row in scopes))
        html = SITE.render_page(build(context, request), context, sent_path(request.scope), feeds)
        response = HTMLResponse(html, headers={"Cache-Control": "no-store", "Vary": VARY})
        return compress(response, choose_encoding(request.headers.get("accept-encoding", "")))

    @asynccontextmanager
    async def _lifespan(self) -> AsyncIterator[Any]:
        self.charts.start()
        yield
        self.charts.close()


def _without_request(build: Callable[[PageContext], Page], context: PageContext, _: Request) -> Page:
    return build(context)


def _name(request: Request) -> str:
    return str(request.path_params["name"])


def _rows(context: PageContext, request: Request) -> Page:
    return rows_page(context, _name(request), dict(request.query_params))


@rule(PUBLIC)
async def _asset(version: str, name: str) -> Response:
    """Return a style sheet or icon; its address changes with its content."""
    if name not in ASSETS:
        raise ProblemError(404, "No file has this name.")
    return Response(read_asset(name), media_type=ASSETS[name], headers=FOREVER)
