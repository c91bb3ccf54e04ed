import asyncio

import pytest
from starlette.exceptions import HTTPException

from shoplake.serve.api.access.body_limit import limit_body


def read(*pieces, wait_s=0.0, **limits):
    """Read a body that a client sends in pieces; return it, and what comes after it."""
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces[:-1]]
    messages += [{"type": "http.request", "body": pieces[-1]}, {"type": "http.disconnect"}]

    async def receive():
        await asyncio.sleep(wait_s)
        return messages.pop(0)

    async def whole():
        limited = limit_body(receive, **limits)
        return [await limited() for _ in range(len(messages))]

    return asyncio.run(whole())


def test_a_small_body_arrives_and_then_the_end():
    messages = read(b"ab", b"c", max_bytes=3)

    assert b"".join(each.get("body", b"") for each in messages) == b"abc"
    assert messages[-1]["type"] == "http.disconnect"


def test_a_body_that_is_too_large_in_pieces_is_refused():
    with pytest.raises(HTTPException) as raised:
        read(b"ab", b"cd", max_bytes=3)

    assert raised.value.status_code == 413


def test_a_body_that_comes_too_slowly_is_refused():
    with pytest.raises(HTTPException) as raised:
        read(b"ab", b"c", wait_s=60, timeout_s=0.05)

    assert raised.value.status_code == 408


def test_each_route_refuses_a_large_body_with_a_problem_document(site):
    answer = site.request("POST", "/v1/sql", "admin", content=b"x" * 1_200_000)

    assert (answer.status_code, answer.json()["title"]) == (413, "Request too large")
