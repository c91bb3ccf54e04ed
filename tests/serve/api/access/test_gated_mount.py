import pytest
from starlette.responses import PlainTextResponse

from shoplake.serve.api.access.rules import PERSONAL
from shoplake.serve.api.context import SCOPE_KEY
from shoplake.serve.app import Part


@pytest.fixture
def mounted(own_site):
    """An application at /tools that names who asks."""

    async def tools(scope, receive, send):
        context = scope[SCOPE_KEY]
        await PlainTextResponse(f"{context.access.role.name} {context.generation.id}")(scope, receive, send)

    return own_site(parts=[Part(mounts={"/tools": (tools, PERSONAL)})])


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("analyst", 403), ("service", 200)])
def test_a_mount_is_behind_the_gate(mounted, role, status):
    assert mounted.get("/tools/list", role).status_code == status


def test_a_mount_knows_who_asks_and_the_generation(mounted):
    assert mounted.get("/tools/list", "admin").text == "admin g1"


def test_a_problem_of_a_mount_is_a_problem_document(mounted):
    assert mounted.get("/tools/list").headers["content-type"] == "application/problem+json"
