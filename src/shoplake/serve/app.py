"""The web application: gate, API, and the parts that are mounted beside it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from fastapi import APIRouter, FastAPI
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from shoplake.serve.api.access.gate import Gate
from shoplake.serve.api.access.gated_mount import GatedMount
from shoplake.serve.api.access.rules import GatedRoute, MissingRuleError, Rule
from shoplake.serve.api.error_handlers import ErrorPage, add_error_handlers
from shoplake.serve.api.metrics import Metrics
from shoplake.serve.api.middleware import AnswerMiddleware
from shoplake.serve.api.origin import LOOPBACK
from shoplake.serve.api.routes import ROUTERS
from shoplake.serve.api.short_path import ShortPath
from shoplake.serve.api.tables.cursor import CursorSigner
from shoplake.serve.keys.key_store import KeyStore
from shoplake.serve.store.generation import Store
from shoplake.settings.serve_settings import ServeSettings

TITLE = "shoplake"
VERSION = "1"
DESCRIPTION = "Sales, customers, products and quality of an online shop's lakehouse, read-only."


@dataclass(frozen=True)
class Part:
    """What another package adds to the application: the dashboard, sharing, tools for assistants.

    `routers` are made by `APIRouter(route_class=GatedRoute)`, and each endpoint has a `@rule(…)`. `mounts` are ASGI
    applications by path with the rule for all of their routes; `context_of` gives the access to their requests.
    `lifespan` is open while the application runs. `error_page` shows problems to people.
    """

    routers: Sequence[APIRouter] = ()
    mounts: Mapping[str, tuple[ASGIApp, Rule]] = field(default_factory=dict)
    lifespan: Callable[[], AbstractAsyncContextManager[object]] | None = None
    error_page: ErrorPage | None = None


def create_app(store: Store, keys: KeyStore, settings: ServeSettings, parts: Sequence[Part] = ()) -> FastAPI:
    """Return the application over a store, with `parts` mounted beside the API.

    Raises MissingRuleError where a route has no rule.
    """
    app = _App(
        title=TITLE,
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=_lifespan(parts),
    )
    app.state.gate, app.state.metrics, app.state.settings = Gate(store, keys, settings), Metrics(), settings
    app.state.cursors = CursorSigner(keys.signing_secret)
    for router in (*ROUTERS, *(router for part in parts for router in part.routers)):
        app.router.routes.extend(router.routes)
    for part in parts:
        for path, (mounted, value) in part.mounts.items():
            app.mount(path, GatedMount(mounted, value, app.state.gate))
    check_rules(app.routes)
    add_error_handlers(app, next((part.error_page for part in parts if part.error_page), None))
    hosts = (*LOOPBACK, settings.host.lower(), *(host.lower() for host in settings.trusted_hosts))
    short_path = ShortPath(app.routes, app.state.gate)
    app.front = partial(AnswerMiddleware, short_path=short_path, hosts=hosts, metrics=app.state.metrics)
    return app


class _App(FastAPI):
    """The framework behind `front`, which answers what nobody expects in place of the framework's own handler."""

    front: Callable[[ASGIApp], ASGIApp]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, without the two layers of the framework that only pass it on."""
        scope["app"] = self
        if self.middleware_stack is None:
            self.middleware_stack = self.build_middleware_stack()
        await self.middleware_stack(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """Return all layers, the outermost first."""
        framework = super().build_middleware_stack()
        assert isinstance(framework, ServerErrorMiddleware)
        return self.front(framework.app)


def check_rules(routes: Sequence[BaseRoute]) -> None:
    """Raise MissingRuleError unless each route and mount is behind the gate."""
    for route in routes:
        if isinstance(route, GatedRoute) or (isinstance(route, Mount) and isinstance(route.app, GatedMount)):
            continue
        raise MissingRuleError(f"The route {getattr(route, 'path', route)!r} is not behind the gate.")


def _lifespan(parts: Sequence[Part]) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for part in parts:
                if part.lifespan is not None:
                    await stack.enter_async_context(part.lifespan())
            yield
        app.state.gate.audit.flush()

    return lifespan
