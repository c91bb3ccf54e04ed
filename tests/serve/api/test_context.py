import pytest
from starlette.requests import Request

from shoplake.serve.api.context import RequestContext, access_of, context_of, generation_of
from shoplake.serve.keys.access import Access
from shoplake.serve.keys.role import ADMIN, ANALYST


def test_a_request_has_one_context():
    request = Request({"type": "http"})

    assert context_of(request) is context_of(request)


def test_requests_have_different_ids():
    assert RequestContext().request_id != RequestContext().request_id


def test_timings_of_a_step_add_up():
    context = RequestContext()
    context.time("query", context.started_at - 1)
    context.time("query", context.started_at - 1)

    assert context.timings["query"] >= 2000


def test_personal_data_are_for_roles_that_may():
    assert not RequestContext().can_see_personal
    assert not RequestContext(access=Access("key-1", ANALYST)).can_see_personal
    assert RequestContext(access=Access("key-1", ADMIN)).can_see_personal


def test_what_the_gate_did_not_set_is_an_error():
    request = Request({"type": "http"})

    with pytest.raises(AssertionError):
        generation_of(request)
    with pytest.raises(AssertionError):
        access_of(request)
