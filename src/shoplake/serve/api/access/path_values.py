"""Values in a path that have a slash, such as the product `AB/12`: servers decode `AB%2F12` before routes are found."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from starlette.types import Scope

SLASH = "\uffff"
"""Stands for a slash within a value. It is no character, so that no value has it."""
ENCODED_SLASH = "%2F"


def mark_slashes(scope: Scope) -> None:
    """Mark the slashes of the request's path that were sent encoded: they belong to a value and divide nothing."""
    raw: bytes = scope.get("raw_path") or b""
    if ENCODED_SLASH.lower().encode() in raw.lower():
        parts = raw.partition(b"?")[0].decode("latin-1").split("/")
        scope["path"] = "/".join(unquote(part).replace("/", SLASH) for part in parts)


def restore_slashes(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a path with their slashes."""
    return {name: value.replace(SLASH, "/") if isinstance(value, str) else value for name, value in values.items()}


def sent_path(scope: Scope) -> str:
    """Return the path with encoded values, as a link or a form sends it."""
    return quote(scope["path"]).replace(quote(SLASH), ENCODED_SLASH)
