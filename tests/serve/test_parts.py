from types import SimpleNamespace

from shoplake.serve.api.rules import find_rule
from shoplake.serve.parts import load_parts

FEEDS = (SimpleNamespace(name="shop", timezone="Europe/London"),)
LAKE = SimpleNamespace(settings=SimpleNamespace(feeds=FEEDS, lake="lake"), catalog=SimpleNamespace(ordered=[]))


def test_each_part_has_a_rule_for_each_of_its_routes():
    routes = [route for part in load_parts(LAKE, b"secret") for router in part.routers for route in router.routes]

    assert routes
    assert [route.path for route in routes if not find_rule(route.endpoint)] == []


def test_pages_sharing_and_tools_have_addresses_of_their_own():
    parts = load_parts(LAKE, b"secret")

    paths = {route.path.split("/")[1] for part in parts for router in part.routers for route in router.routes}
    assert {"", "delta-sharing"} <= paths
    assert [path for part in parts for path in part.mounts] == ["/mcp"]
