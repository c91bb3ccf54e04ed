"""Rules: which roles may use a route. A route without a rule cannot be declared."""

import inspect
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from shoplake.serve.keys.role import Role

E = TypeVar("E", bound=Callable[..., Any])
ATTRIBUTE = "shoplake_rule"


@dataclass(frozen=True)
class Rule:
    """Who may use a route, and whether its answers depend on the generation alone.

    A public route asks for no key. Answers of a route that `reads_store` have an ETag and may be cached.
    An endpoint that `is_direct` gets the parameters of its path and query as texts, unchecked, which saves time.
    `is_personal` answers are for roles that see personal data; they are recorded in the audit log and never cached.
    """

    is_public: bool = False
    reads_store: bool = False
    is_personal: bool = False
    needs_sql: bool = False
    needs_operations: bool = False
    is_direct: bool = False

    def allows(self, role: Role) -> bool:
        """Whether a role may use the route."""
        return not (
            (self.is_personal and not role.can_see_personal)
            or (self.needs_sql and not role.can_query_sql)
            or (self.needs_operations and not role.can_see_operations)
        )


PUBLIC = Rule(is_public=True)
ANY_ROLE = Rule()
STORE = Rule(reads_store=True)
PERSONAL = Rule(reads_store=True, is_personal=True)
SQL = Rule(needs_sql=True)
OPERATIONS = Rule(needs_operations=True)


class MissingRuleError(TypeError):
    """A route has no rule."""


def rule(value: Rule) -> Callable[[E], E]:
    """Declare the rule of an endpoint; it stands below the router's decorator."""

    def declare(endpoint: E) -> E:
        setattr(endpoint, ATTRIBUTE, value)
        return endpoint

    return declare


def find_rule(endpoint: object) -> Rule:
    """Return the rule of an endpoint. Raises MissingRuleError."""
    found = getattr(endpoint, ATTRIBUTE, None)
    if not isinstance(found, Rule):
        name = getattr(endpoint, "__name__", repr(endpoint))
        raise MissingRuleError(f"The route '{name}' has no rule. Write @rule(…) below the router's decorator.")
    return found


def _direct(endpoint: Callable[..., Any]) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    names = set(inspect.signature(endpoint).parameters)

    async def handle(request: Request) -> Response:
        parameters = request.query_params if request.scope["query_string"] else {}
        values = {name: value for name, value in parameters.items() if name in names}
        response: Response = await endpoint(request, **values | request.path_params)
        return response

    return handle


class GatedRoute(APIRoute):
    """A route behind the gate. `APIRouter(route_class=GatedRoute)` makes all routes of a router such ones."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.rule = find_rule(endpoint)
        self.direct = _direct(endpoint) if self.rule.is_direct else None
        """Answers a request that has passed the gate, without the framework."""
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler: the gate, then the endpoint."""
        value = self.rule
        handle = self.direct or super().get_route_handler()

        async def gated(request: Request) -> Response:
            response: Response = await request.app.state.gate.answer(request, value, handle)
            return response

        return gated
