"""Headers of a request, read where they stand: a framework's copy of them costs more than many an answer."""

from starlette.types import Scope


def find_header(scope: Scope, name: bytes, default: str = "") -> str:
    """Return the first header of that lower-case name."""
    for each, value in scope["headers"]:
        if each == name:
            return str(value, "latin-1")
    return default


def has_header(scope: Scope, name: bytes) -> bool:
    """Whether the request has a header of that lower-case name."""
    return any(each == name for each, _ in scope["headers"])
