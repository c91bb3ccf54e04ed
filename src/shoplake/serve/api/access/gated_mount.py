"""An ASGI application behind the gate."""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from shoplake.serve.api.access.gate import Gate
from shoplake.serve.api.access.rules import Rule
from shoplake.serve.api.context import context_of


class GatedMount:
    """Checks key or session, role and rate limit before each request to a mounted application."""

    def __init__(self, app: ASGIApp, rule: Rule, gate: Gate) -> None:
        self.app, self.rule, self._gate = app, rule, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with access and generation in its context. Raises ProblemError."""
        if scope["type"] == "http":
            connection = HTTPConnection(scope)
            context = context_of(connection)
            context.route = str(scope.get("root_path", ""))
            self._gate.admit(connection, self.rule, context)
            context.generation = self._gate.store.current(with_personal=context.can_see_personal)
        await self.app(scope, receive, send)
