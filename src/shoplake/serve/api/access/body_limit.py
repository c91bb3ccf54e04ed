"""Bounds the body of a request: its size, and the time that a client has to send it."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

MAX_BODY_BYTES = 1024 * 1024
BODY_TIMEOUT_S = 10.0


def limit_body(receive: Receive, max_bytes: int = MAX_BODY_BYTES, timeout_s: float = BODY_TIMEOUT_S) -> Receive:
    """Return `receive` for one request. It raises HTTPException 413 or 408 for a body that is too large or too slow.

    The time begins with the first call: a body that nobody reads is not waited for.
    """
    received, is_whole, until = 0, False, 0.0

    async def limited() -> Message:
        nonlocal received, is_whole, until
        if is_whole:
            return await receive()
        now = asyncio.get_running_loop().time()
        until = until or now + timeout_s
        try:
            message = await asyncio.wait_for(receive(), until - now)
        except TimeoutError:
            raise HTTPException(408, f"The body did not arrive within {timeout_s:g} s.") from None
        received += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        if received > max_bytes:
            raise HTTPException(413, f"The body is larger than {max_bytes:,} bytes.")
        return message

    return limited
