import anyio
import pytest
from mcp.server.mcpserver.exceptions import ToolError
from starlette.requests import Request

from shoplake.errors import QueryNotAllowedError
from shoplake.serve.api.context import RequestContext
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.keys.access import Access
from shoplake.serve.keys.role import ANALYST
from shoplake.serve.mcp.caller import Caller
from shoplake.serve.store.open_generation import QueryTimeoutError


class ToolContext:
    """What the SDK passes to a tool."""

    def __init__(self):
        self.request_context = self
        self.request = Request({"type": "http", "shoplake": RequestContext(access=Access("key-1", ANALYST))})


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (QueryNotAllowedError("Only SELECT."), r"Only SELECT\."),
        (ProblemError(422, "No such column."), r"No such column\."),
        (QueryTimeoutError("interrupted"), "Ask for less"),
    ],
)
def test_what_a_caller_can_correct_is_an_error_of_the_tool(error, message):
    def fail():
        raise error

    with pytest.raises(ToolError, match=message):
        anyio.run(Caller(ToolContext()).run, fail)


def test_before_the_first_generation_the_error_says_how_to_fill_the_lake():
    with pytest.raises(ToolError, match="shoplake run"):
        _ = Caller(ToolContext()).generation
