"""Rules: which roles may use a route. A route without a rule cannot be declared."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from shoplake.serve.api.access.parameter_names import names_of
from shoplake.serve.api.access.path_values import restore_slashes
from shoplake.serve.api.access.plain_values import find_reader
from shoplake.serve.api.bytes_response import BytesResponse
from shoplake.serve.keys.role import Role

E = TypeVar("E", bound=Callable[..., Any])
ATTRIBUTE = "shoplake_rule"


@dataclass(frozen=True)
class Rule:
    """Who may use a route, and whether its answers depend on the generation alone.

    A public route asks for no key. Answers of a route that `reads_store` have an ETag and may be cached.
    An endpoint that `is_direct` is called without the framework where the parameters of a request are plain.
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


class GatedRoute(APIRoute):
    """A route behind the gate. `APIRouter(route_class=GatedRoute)` makes all routes of a router such ones.

    A route that takes GET also takes HEAD, whose answer is the same without its body. It is not in `methods`, so that
    the description has each route once.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.rule = find_rule(endpoint)
        self.read_values = find_reader(endpoint) if self.rule.is_direct else None
        """Reads the parameters of a request whose texts are plain."""
        super().__init__(path, endpoint, **options)
        self.names = names_of(self.dependant.query_params)
        """The names of the parameters that a request may give."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler: the gate, then the endpoint."""
        value = self.rule
        handle = super().get_route_handler()

        async def gated(request: Request) -> Response:
            response: Response = await request.app.state.gate.answer(request, value, handle)
            if request.method == "HEAD" and isinstance(response, StreamingResponse):  # its rows are not even read
                return BytesResponse(b"", response.raw_headers, response.status_code)
            return response

        return gated

    @property
    def taken(self) -> set[str]:
        """The methods that the route takes."""
        methods = self.methods or set()
        return methods | {"HEAD"} if "GET" in methods else methods

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether this is the route of a request."""
        match, found = super().matches(scope)
        if match is not Match.NONE:
            found["path_params"] = restore_slashes(found["path_params"])
        return (Match.FULL if match is Match.PARTIAL and scope["method"] in self.taken else match), found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request to this route."""
        if scope["method"] in self.taken:
            await self.app(scope, receive, send)
        else:
            await super().handle(scope, receive, send)
