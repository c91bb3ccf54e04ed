from types import SimpleNamespace

from shoplake.serve.api.rules import find_rule
from shoplake.serve.parts import load_parts

LAKE = SimpleNamespace(settings=SimpleNamespace(feeds=(SimpleNamespace(name="shop", timezone="Europe/London"),)))


def test_each_part_has_a_rule_for_each_of_its_routes():
    routes = [route for part in load_parts(LAKE) for router in part.routers for route in router.routes]

    assert routes
    assert [route.path for route in routes if not find_rule(route.endpoint)] == []
