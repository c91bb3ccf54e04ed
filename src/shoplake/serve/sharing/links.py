"""Signed links to one data file of one version of a table, which expire."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LIFETIME_S = 900
PURPOSE = b"delta-sharing file\0"
"""Tells these signatures from others that are made with the same secret."""
DIGEST_BYTES = 32


class InvalidLinkError(Exception):
    """A link was altered, is of another secret, or has expired."""


@dataclass(frozen=True)
class FileLink:
    """A data file: table and version, path in the table's folder, and who got the link."""

    table: str
    version: int
    path: str
    holder: str
    expires_at: int = 0
    """Seconds since 1970 (UTC)."""


class LinkSigner:
    """Makes and checks links with a secret of the server."""

    def __init__(self, secret: bytes, lifetime_s: int = LIFETIME_S, clock: Callable[[], float] = time.time) -> None:
        self._secret, self._lifetime_s, self._clock = secret, lifetime_s, clock

    def expiry(self) -> int:
        """Return when a link that is made now expires, in seconds since 1970."""
        return int(self._clock()) + self._lifetime_s

    def sign(self, link: FileLink) -> str:
        """Return the token of a link."""
        body = json.dumps(list(asdict(link).values()), separators=(",", ":")).encode()
        return _encode(self._digest(body) + body)

    def read(self, token: str) -> FileLink:
        """Return the link of a token. Raises InvalidLinkError."""
        try:
            data = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidLinkError("The link is not one that this server gave out.") from error
        digest, body = data[:DIGEST_BYTES], data[DIGEST_BYTES:]
        is_canonical = _encode(data) == token  # several texts decode to the same bytes
        if not is_canonical or not hmac.compare_digest(digest, self._digest(body)):
            raise InvalidLinkError("The link is not one that this server gave out.")
        link = FileLink(*json.loads(body))
        if link.expires_at <= self._clock():
            raise InvalidLinkError("The link has expired. Query the table again.")
        return link

    def _digest(self, body: bytes) -> bytes:
        return hmac.digest(self._secret, PURPOSE + body, "sha256")


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
