"""Formats of answers and how a request chooses one."""

from functools import lru_cache

from starlette.requests import Request

from shoplake.serve.api.headers import find_header
from shoplake.serve.api.problem import ProblemError

FORMATS = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}
COMPRESSED = ("parquet",)


def choose_format(request: Request) -> str:
    """Return the format that the parameter `format` or else the header Accept names; JSON without either.

    Raises ProblemError 422 for an unknown format, 406 where Accept names types of which none is known.
    """
    query = request.scope["query_string"]
    named = request.query_params.get("format") if b"format" in query or b"%" in query else None
    if named is not None:
        if named not in FORMATS:
            raise ProblemError(422, f"Unknown format '{named[:40]}'. There are: {', '.join(FORMATS)}.")
        return named
    return _accepted(find_header(request.scope, b"accept", "*/*"))


@lru_cache(256)
def _accepted(header: str) -> str:
    accepted = [part.split(";", 1)[0].strip().lower() for part in header.split(",")]
    for media_type in accepted:
        if media_type in ("*/*", "application/*", "text/html", ""):
            return "json"
        for name, known in FORMATS.items():
            if media_type == known:
                return name
    raise ProblemError(406, f"No answer has the type '{header[:80]}'. There are: {', '.join(FORMATS.values())}.")


@lru_cache(256)
def choose_encoding(accept_encoding: str) -> str:
    """Return zstd, gzip or "" for an Accept-Encoding header; an encoding with q=0 is not chosen."""
    accepted = set()
    for part in accept_encoding.lower().split(","):
        name, _, quality = part.strip().partition(";")
        if quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            accepted.add(name.strip())
    return next((name for name in ("zstd", "gzip") if name in accepted), "")
