"""Cursors: signed positions in one selection of one generation."""

import base64
import binascii
import hashlib
import hmac

from shoplake.serve.api.problem import ProblemError

DIGEST_BYTES = 16


class CursorSigner:
    """Makes and checks cursors with a secret of the server."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, generation: str, selection: str, offset: int) -> str:
        """Return the cursor of the row after `offset` rows."""
        body = f"{generation}:{offset}".encode()
        return base64.urlsafe_b64encode(self._digest(body, selection) + body).decode().rstrip("=")

    def read(self, cursor: str, generation: str, selection: str, restart: str) -> int:
        """Return the offset of a cursor.

        Raises ProblemError 422 for one that was altered or is of another selection, and 410 with the address `restart`
        for one of another generation.
        """
        try:
            data = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            data = b""
        digest, body = data[:DIGEST_BYTES], data[DIGEST_BYTES:]
        if not hmac.compare_digest(digest, self._digest(body, selection)):
            raise ProblemError(422, "The cursor is not one that this server gave out for these parameters.")
        of, _, offset = body.decode().partition(":")
        if of != generation:
            detail = "The data have changed since the cursor was given out. Start again without a cursor."
            raise ProblemError(410, detail, {"Link": f'<{restart}>; rel="first"'}, restart=restart)
        return int(offset)

    def _digest(self, body: bytes, selection: str) -> bytes:
        message = hashlib.sha256(selection.encode()).digest() + body
        return hmac.digest(self._secret, message, "sha256")[:DIGEST_BYTES]
