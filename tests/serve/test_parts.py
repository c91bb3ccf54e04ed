from types import SimpleNamespace

import pytest
from starlette.routing import Mount

from shoplake.serve.keys.role import ROLES
from shoplake.serve.parts import load_parts
from tests.serve.answers.small_shop import SmallShop
from tests.serve.conftest import Site
from tests.serve.fake_store import FakeStore
from tests.serve.small_lake import SmallLake

REFUSED = (401, 403)
READ = ("/", "/customers/C1", "/rows/nothing", "/nowhere", "/delta-sharing/shares", "/assets/1/x")


@pytest.fixture(scope="module")
def whole_site(tmp_path_factory):
    """The application with all of its parts."""
    lake = SmallLake(tmp_path_factory.mktemp("lake"))
    lake.settings.feeds = (SimpleNamespace(name="shop", timezone="Europe/London"),)
    store = FakeStore(SmallShop().generation())
    return Site(tmp_path_factory.mktemp("site"), store, parts=load_parts(lake, b"secret"))


def test_dashboard_sharing_and_tools_are_mounted(whole_site):
    paths = {route.path for route in whole_site.app.routes}

    assert {"/", "/mcp"} < paths
    assert [path for path in paths if path.endswith("/shares")] != []


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize("role", [None, "admin"])
def test_pages_and_shares_take_head(whole_site, path, role):
    got, head = (
        whole_site.request(method, path, role, {"Accept-Encoding": "identity", "Accept": "text/html"})
        for method in ("GET", "HEAD")
    )

    assert (head.status_code, head.content) == (got.status_code, b"")
    for name in ("content-type", "cache-control", "www-authenticate"):
        assert head.headers.get(name) == got.headers.get(name)


def test_each_route_of_each_part_answers_only_the_roles_of_its_rule(whole_site):
    wrong = []
    for route in whole_site.app.routes:
        rule = route.app.rule if isinstance(route, Mount) else route.rule
        method = "GET" if isinstance(route, Mount) or "GET" in route.methods else sorted(route.methods)[0]
        path = route.path.replace("{", "").replace("}", "") + ("/" if isinstance(route, Mount) else "")
        refused = {None: whole_site.request(method, path).status_code in REFUSED}
        if rule.is_public or path == "/login":
            continue
        for role in ROLES:
            if not rule.allows(ROLES[role]):
                refused[role] = whole_site.request(method, path, role).status_code in REFUSED
        wrong += [(method, path, role) for role, is_refused in refused.items() if not is_refused]

    assert wrong == []
