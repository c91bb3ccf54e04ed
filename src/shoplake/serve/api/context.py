"""What is known of one request while it is answered."""

import itertools
import secrets
import time
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection, Request

from shoplake.serve.keys.access import Access
from shoplake.serve.store.generation import Generation

SCOPE_KEY = "shoplake"
_process, _numbers = secrets.token_hex(4), itertools.count(1)


def create_request_id() -> str:
    """Return 16 hexadecimal digits that no other request has: eight of the worker, and the request's number in it."""
    return f"{_process}{next(_numbers) & 0xFFFFFFFF:08x}"


@dataclass(slots=True)
class RequestContext:
    """The request's id, who asks, and what it is answered from; `timings` are milliseconds by step."""

    request_id: str = field(default_factory=create_request_id)
    started_at: float = field(default_factory=time.perf_counter)
    access: Access | None = None
    generation: Generation | None = None
    format: str = "json"
    route: str = ""
    etag: str = ""
    """The ETag of the answer, once the request has passed the gate of a route that reads the store."""
    encoding: str = ""
    is_personal: bool = False
    timings: dict[str, float] = field(default_factory=dict)
    headers: dict[bytes, bytes] = field(default_factory=dict)
    """Headers that every answer to the request has, errors too; their names are in lower case."""
    status: int = 0
    """The status of the answer, once it has begun."""

    @property
    def can_see_personal(self) -> bool:
        """Whether the answer may have personal data."""
        return self.access is not None and self.access.role.can_see_personal

    def time(self, step: str, began: float) -> float:
        """Record a step that began then, and return now; both in seconds of `time.perf_counter`."""
        now = time.perf_counter()
        self.timings[step] = self.timings.get(step, 0.0) + (now - began) * 1000
        return now


def context_of(request: HTTPConnection) -> RequestContext:
    """Return the context of a request."""
    context: RequestContext | None = request.scope.get(SCOPE_KEY)
    if context is None:
        context = request.scope[SCOPE_KEY] = RequestContext()
    return context


def generation_of(request: Request) -> Generation:
    """Return the generation that the request is answered from."""
    generation = context_of(request).generation
    assert generation is not None, "the route's rule does not read the store"
    return generation


def access_of(request: Request) -> Access:
    """Return who asks."""
    access = context_of(request).access
    assert access is not None, "the route is public"
    return access
