"""Answers what is known or a look-up before the framework routes the request; all else goes on to it.

The framework finds a route among a hundred and prepares what most requests never use. The gate is the same object on
both paths, so that no check is made twice or left out.
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from shoplake.errors import UnknownTableError
from shoplake.serve.api.access.gate import Gate
from shoplake.serve.api.access.rules import GatedRoute
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.errors import AnswerNotFoundError


class ShortPath:
    """Wraps the framework's routes. Those that read the store and take GET are found by their path."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], gate: Gate) -> None:
        self._app, self._gate = app, gate
        known = [each for each in routes if isinstance(each, GatedRoute) and each.methods == {"GET"}]
        self._by_path = {each.path: each for each in known if each.rule.reads_store and "{" not in each.path}
        self._direct = [each for each in known if each.rule.reads_store and each.direct is not None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises ProblemError."""
        route = self.find_route(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if route is None:
            return await self._app(scope, receive, send)
        scope["route"] = route
        request = Request(scope, receive)
        response = self._gate.find_answer(request, route.rule)
        if response is None and route.direct is not None:
            try:
                response = await self._gate.answer(request, route.rule, route.direct)
            except (UnknownTableError, AnswerNotFoundError) as error:
                raise ProblemError(404, str(error)) from error
        return await (self._app if response is None else response)(scope, receive, send)

    def find_route(self, scope: Scope) -> GatedRoute | None:
        """Return the route of a path that this object answers, with the parameters of the path in the scope."""
        path = scope["path"]
        if (found := self._by_path.get(path)) is not None:
            return found
        for route in self._direct:
            if (match := route.path_regex.match(path)) is not None:
                scope["path_params"] = match.groupdict()
                return route
        return None
