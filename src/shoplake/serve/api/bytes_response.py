"""A response whose body and headers are ready."""

from collections.abc import Iterable

from starlette.responses import Response


class BytesResponse(Response):
    """A response of bytes; the names of headers are in lower case. Nothing is encoded and no header is added."""

    def __init__(self, body: bytes, headers: Iterable[tuple[bytes, bytes]], status_code: int = 200) -> None:
        self.status_code, self.body, self.background = status_code, body, None
        self.raw_headers = list(headers)
