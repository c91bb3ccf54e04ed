"""Headers of a request, read where they stand: a framework's copy of them costs more than many an answer."""

from starlette.types import Scope

SCOPE_KEY = "shoplake.headers"


def read_headers(scope: Scope) -> dict[bytes, bytes]:
    """Return the headers of a request by their lower-case names; the first one of a name counts."""
    found: dict[bytes, bytes] | None = scope.get(SCOPE_KEY)
    if found is None:
        found = scope[SCOPE_KEY] = dict(scope["headers"][::-1])
    return found


def find_header(scope: Scope, name: bytes, default: str = "") -> str:
    """Return the first header of that lower-case name."""
    value = read_headers(scope).get(name)
    return default if value is None else value.decode("latin-1")


def has_header(scope: Scope, name: bytes) -> bool:
    """Whether the request has a header of that lower-case name."""
    return name in read_headers(scope)
