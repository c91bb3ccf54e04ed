import pytest
from fastapi import APIRouter

from shoplake.serve.api.access.rules import (
    ANY_ROLE,
    OPERATIONS,
    PERSONAL,
    SQL,
    STORE,
    GatedRoute,
    MissingRuleError,
    rule,
)
from shoplake.serve.keys.role import ADMIN, ANALYST, SERVICE


@pytest.mark.parametrize(
    ("value", "roles"),
    [
        (ANY_ROLE, {ANALYST, SERVICE, ADMIN}),
        (STORE, {ANALYST, SERVICE, ADMIN}),
        (PERSONAL, {SERVICE, ADMIN}),
        (SQL, {ANALYST, ADMIN}),
        (OPERATIONS, {SERVICE, ADMIN}),
    ],
)
def test_a_rule_allows_the_roles_that_may(value, roles):
    assert {role for role in (ANALYST, SERVICE, ADMIN) if value.allows(role)} == roles


def test_a_route_without_a_rule_cannot_be_declared():
    router = APIRouter(route_class=GatedRoute)

    with pytest.raises(MissingRuleError, match="The route 'open_data' has no rule"):

        @router.get("/open")
        async def open_data():
            return None


def test_a_route_has_the_rule_of_its_endpoint():
    router = APIRouter(route_class=GatedRoute)

    @router.get("/one")
    @rule(SQL)
    async def one():
        return None

    assert [route.rule for route in router.routes] == [SQL]
