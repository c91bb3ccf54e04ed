import pytest

from shoplake.serve.api.problem import ProblemError
from shoplake.serve.api.tables.cursor import CursorSigner

SIGNER = CursorSigner(b"secret")
CURSOR = SIGNER.sign("g1", "selection", 40)


def test_a_cursor_is_read_back():
    assert SIGNER.read(CURSOR, "g1", "selection", "/") == 40


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "ä", CURSOR[:-1], CURSOR + "A", "A" + CURSOR[1:], CursorSigner(b"other").sign("g1", "selection", 40)],
)
def test_an_altered_cursor_is_refused(cursor):
    with pytest.raises(ProblemError) as raised:
        SIGNER.read(cursor, "g1", "selection", "/")

    assert raised.value.status == 422


def test_a_cursor_of_another_selection_is_refused():
    with pytest.raises(ProblemError) as raised:
        SIGNER.read(CURSOR, "g1", "other", "/")

    assert raised.value.status == 422


def test_a_cursor_of_a_former_generation_is_gone():
    with pytest.raises(ProblemError) as raised:
        SIGNER.read(CURSOR, "g2", "selection", "/v1/x")

    assert (raised.value.status, raised.value.headers["Link"]) == (410, '</v1/x>; rel="first"')
