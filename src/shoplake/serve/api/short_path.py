"""Answers what is known, and requests for what is in memory, before the framework sees them; all else goes to it.

The framework finds a route among a hundred and prepares what most requests never use. The gate is the same object on
both paths, so that no check is made twice or left out.
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope

from shoplake.errors import UnknownTableError
from shoplake.serve.api.access.gate import Gate
from shoplake.serve.api.access.path_values import restore_slashes
from shoplake.serve.api.access.rules import GatedRoute
from shoplake.serve.api.context import RequestContext
from shoplake.serve.api.problem import OUT_OF_RANGE, ProblemError
from shoplake.serve.errors import AnswerNotFoundError

PLACE = 3
"""Where the parameter of a path stands between its slashes, as in `/v1/customers/{customer}/360`."""


READING = ("GET", "HEAD")


class ShortPath:
    """The routes of GET that read the store. They are found by their path in one look at a dictionary."""

    def __init__(self, routes: Sequence[BaseRoute], gate: Gate) -> None:
        self._gate = gate
        self._by_path: dict[str, GatedRoute] = {}
        self._by_template: dict[str, GatedRoute] = {}
        for each in routes:
            if isinstance(each, GatedRoute) and each.methods == {"GET"} and each.rule.reads_store:
                found = self._by_path if "{" not in each.path else self._by_template
                found.setdefault(_template(each.path), each)

    async def find_answer(self, scope: Scope, receive: Receive, context: RequestContext) -> Response | None:
        """Return the answer to a request; None where the framework has to answer it. Raises ProblemError."""
        route = self.find_route(scope) if scope["method"] in READING else None
        if route is None:
            return None
        scope["route"] = route
        request = Request(scope, receive)
        response = self._gate.find_answer(request, route.rule, context)
        if response is not None or route.read_values is None or (values := route.read_values(scope)) is None:
            return response
        try:
            return self._gate.finish(await route.endpoint(request, **values), context)
        except UnknownTableError as error:
            raise ProblemError(404, str(error)) from error
        except AnswerNotFoundError as error:
            raise ProblemError(error.status, str(error)) from error
        except OverflowError as error:
            raise ProblemError(422, OUT_OF_RANGE) from error

    def find_route(self, scope: Scope) -> GatedRoute | None:
        """Return the route of a path that this object answers, with the parameters of the path in the scope."""
        path = scope["path"]
        if (found := self._by_path.get(path)) is not None:
            return found
        parts = path.split("/")
        if len(parts) <= PLACE or not (value := parts[PLACE]):
            return None
        parts[PLACE] = "{}"
        found = self._by_template.get("/".join(parts))
        if found is not None:
            scope["path_params"] = restore_slashes({next(iter(found.param_convertors)): value})
        return found


def _template(path: str) -> str:
    """Return the path of a route with `{}` for its parameter."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
