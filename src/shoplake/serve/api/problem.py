"""Errors as RFC 9457 problem documents."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
DOCS = "https://github.com/shoplake/shoplake/blob/main/docs/reference/api-errors.md#"
OUT_OF_RANGE = "A value is out of range."
TITLES = {
    400: "Bad request",
    401: "Authentication required",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    408: "Request timeout",
    409: "Conflict",
    410: "Gone",
    413: "Request too large",
    415: "Unsupported media type",
    422: "Invalid parameters",
    429: "Too many requests",
    500: "Internal error",
    503: "Not ready",
    504: "Query timed out",
}


class ProblemError(Exception):
    """Ends a request with a status and a detail that says what to do; `extra` are members of the document."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.extra = status, detail, dict(headers or {}), extra


def problem_response(error: ProblemError) -> Response:
    """Return the problem document of an error."""
    title = TITLES.get(error.status, "Error")
    body = {
        "type": DOCS + title.lower().replace(" ", "-"),
        "title": title,
        "status": error.status,
        "detail": error.detail,
        **error.extra,
    }
    headers = {"Cache-Control": "no-store", **error.headers}
    return Response(orjson.dumps(body), error.status, headers, MEDIA_TYPE)
