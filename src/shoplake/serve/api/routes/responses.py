"""The error responses that routes document."""

from typing import Any

from shoplake.serve.api.problem import MEDIA_TYPE, TITLES

SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
ROWS_SCHEMA = {
    "type": "object",
    "required": ["meta", "data"],
    "properties": {
        "meta": {"type": "object"},
        "data": {},
        "truncated": {"type": "boolean"},
        "next": {"type": ["string", "null"]},
    },
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route documents of these statuses: a problem document for each."""
    return {status: {"description": TITLES[status], "content": {MEDIA_TYPE: {"schema": SCHEMA}}} for status in statuses}


def rows_and_problems(
    *statuses: int, formats: tuple[str, ...] = ("application/json",)
) -> dict[int | str, dict[str, Any]]:
    """Return the same, with rows in `formats` for status 200, and 304 for an ETag that still holds."""
    content = {each: {"schema": ROWS_SCHEMA} if each == "application/json" else {} for each in formats}
    always = problems(400, 401, 403, 422, 429, 503, *statuses)
    return {200: {"description": "Rows", "content": content}, 304: {"description": "Not modified"}, **always}
