from contextlib import asynccontextmanager

import pytest
from fastapi import APIRouter
from starlette.routing import Route
from starlette.testclient import TestClient

from shoplake.serve.api.access.gated_mount import GatedMount
from shoplake.serve.api.access.rules import MissingRuleError
from shoplake.serve.api.routes import ROUTERS
from shoplake.serve.app import Part, check_rules
from shoplake.serve.keys.role import ROLES

ROUTES = [route for router in ROUTERS for route in router.routes]
PATHS = {"{customer}": "C1", "{product}": "P1", "{table}": "gold.sales_daily"}
CASES = [
    pytest.param(route, method, id=f"{method} {route.path}") for route in ROUTES for method in sorted(route.methods)
]


def address(route):
    path = route.path
    for name, value in PATHS.items():
        path = path.replace(name, value)
    return path


@pytest.mark.parametrize(("route", "method"), CASES)
def test_each_route_answers_only_the_roles_of_its_rule(shop_site, route, method):
    body = {"json": {"query": "SELECT 1 AS one"}} if "sql" in route.path else {}
    statuses = {role: shop_site.request(method, address(route), role, **body).status_code for role in (None, *ROLES)}

    refused = {role for role, status in statuses.items() if status in (401, 403)}
    if route.rule.is_public:
        assert refused <= ({None, *ROLES} if route.path == "/login" and method == "POST" else set())
    else:
        assert statuses[None] == 401
        assert refused - {None} == {name for name, role in ROLES.items() if not route.rule.allows(role)}
    assert [status for status in statuses.values() if status >= 500] == []


def test_a_route_beside_the_gate_is_refused(own_site):
    router = APIRouter()
    router.add_api_route("/open", lambda: None)

    with pytest.raises(MissingRuleError, match="'/open' is not behind the gate"):
        own_site(parts=[Part(routers=[router])])


def test_a_plain_route_or_mount_is_refused():
    with pytest.raises(MissingRuleError):
        check_rules([Route("/x", lambda request: None)])


def test_each_mount_is_gated(site):
    mounts = [route for route in site.app.routes if hasattr(route, "app")]

    assert [mount for mount in mounts if not isinstance(mount.app, GatedMount) and not hasattr(mount, "rule")] == []


def test_a_part_lives_as_long_as_the_application(own_site):
    seen = []

    @asynccontextmanager
    async def lifespan():
        seen.append("opened")
        yield
        seen.append("closed")

    with TestClient(own_site(parts=[Part(lifespan=lifespan)]).app, base_url="http://127.0.0.1") as client:
        assert client.get("/healthz").status_code == 200
        assert seen == ["opened"]

    assert seen == ["opened", "closed"]
