"""Compresses answers by gzip or zstd."""

import gzip

import pyarrow as pa
from starlette.responses import Response

MIN_BYTES = 1024
"""Shorter bodies stay as they are."""
GZIP_LEVEL = 5


def compress(response: Response, encoding: str) -> Response:
    """Return a response with its body compressed by `zstd` or `gzip`; unchanged for "" and for short bodies."""
    if not encoding:
        return response
    body = bytes(response.body)
    if len(body) < MIN_BYTES or response.headers.get("content-encoding"):
        return response
    compressed = gzip.compress(body, GZIP_LEVEL) if encoding == "gzip" else pa.compress(body, "zstd", asbytes=True)
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(compressed, response.status_code, headers | {"Content-Encoding": encoding})
