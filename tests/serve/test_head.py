"""HEAD asks what GET would answer: the same checks and headers, and no body."""

import pytest

from shoplake.serve.api.short_path import ShortPath
from tests.serve.api.test_short_path import VOLATILE
from tests.serve.test_app import ROUTES, address

READ = [route for route in ROUTES if "GET" in route.methods]
LOOK_UP = "/v1/customers/C1/360?feed=shop"


def headers_of(answer):
    return {name: value for name, value in answer.headers.items() if name not in VOLATILE | {"content-length"}}


@pytest.mark.parametrize("role", [None, "analyst", "admin"])
@pytest.mark.parametrize("route", READ, ids=lambda route: route.path)
def test_each_route_of_get_takes_head(shop_site, route, role):
    got, head = (shop_site.request(method, address(route), role) for method in ("GET", "HEAD"))

    assert (head.status_code, head.content) == (got.status_code, b"")
    assert headers_of(head) == headers_of(got)


@pytest.mark.parametrize("is_short", [True, False], ids=["short path", "framework"])
@pytest.mark.parametrize("path", [LOOK_UP, "/v1/tables/gold.sales_daily", "/healthz", "/nothing"])
def test_the_length_is_that_of_the_body_that_get_sends(site, monkeypatch, path, is_short):
    if not is_short:
        monkeypatch.setattr(ShortPath, "find_route", lambda self, scope: None)
    got, head = (site.request(method, path, "service") for method in ("GET", "HEAD"))

    assert head.headers["content-length"] == str(len(got.content))
    assert head.content == b""


def test_rows_that_get_would_stream_are_not_read(site, monkeypatch):
    monkeypatch.setattr("shoplake.serve.api.routes.tables.compress_stream", lambda pieces, encoding: _unreadable())

    answer = site.request("HEAD", "/v1/tables/gold.sales_daily?format=csv", "analyst")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.content == b""


def _unreadable():
    raise AssertionError("rows are read")
    yield


def test_the_etag_of_head_is_that_of_get(site):
    etag = site.request("HEAD", "/v1/meta", "analyst").headers["etag"]

    assert site.get("/v1/meta", "analyst", headers={"If-None-Match": etag}).status_code == 304


def test_a_personal_look_up_by_head_is_recorded(own_site):
    site = own_site()
    site.request("HEAD", LOOK_UP, "service")

    assert [each.subject for each in site.gate.audit.read()] == ["/v1/customers/C1/360"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/meta", "GET, HEAD"),
        ("DELETE", "/v1/customers/C1/360", "GET, HEAD"),
        ("DELETE", "/login", "GET, HEAD, POST"),
        ("GET", "/v1/sql", "POST"),
        ("HEAD", "/v1/sql", "POST"),
    ],
)
def test_a_refused_method_is_told_all_that_its_address_takes(site, method, path, allowed):
    answer = site.request(method, path, "admin")

    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_a_one_time_login_is_not_used_up_by_head(own_site):
    site = own_site()
    token = site.keys.create_login("admin")

    assert site.request("HEAD", f"/login?token={token}").status_code == 200
    assert site.get(f"/login?token={token}").status_code == 303


def test_the_description_has_the_methods_that_differ(site):
    paths = site.get("/v1/openapi.json", "admin").json()["paths"]

    assert {method for operations in paths.values() for method in operations} == {"get", "post"}
