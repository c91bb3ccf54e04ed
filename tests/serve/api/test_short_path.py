"""The short path answers what the framework's routes answer, behind the same gate."""

import pytest
from starlette.requests import Request
from starlette.routing import Match

from shoplake.serve.api.answer_cache import AnswerCache
from shoplake.serve.api.short_path import ShortPath
from tests.serve.test_app import CASES, address

SALES = "/v1/sales?grain=month&feed=shop"
VOLATILE = {"x-request-id", "server-timing", "ratelimit"}
ROUTES = [case.values[0] for case in CASES if case.values[1] == "GET"]


def scope_of(path, method="GET"):
    return {"type": "http", "method": method, "path": path, "root_path": "", "headers": [], "query_string": b""}


@pytest.fixture(scope="module")
def short_path(shop_site):
    return ShortPath(shop_site.app.routes, shop_site.gate)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_a_path_has_the_route_that_the_framework_finds(shop_site, short_path, route):
    scope = scope_of(address(route))
    first = next(each for each in shop_site.app.routes if each.matches(scope)[0] is Match.FULL)

    found = short_path.find_route(scope)

    assert found in (None, first)
    assert (found is not None) >= (route.rule.reads_store and "{" not in route.path)


def test_a_look_up_has_the_parameters_of_its_path(short_path):
    scope = scope_of("/v1/customers/C 1/360")

    assert (short_path.find_route(scope).path, scope["path_params"]) == (
        "/v1/customers/{customer}/360",
        {"customer": "C 1"},
    )


LOOKUPS = [address(route) for route in ROUTES if route.read_values is not None]
ODD = [
    *(SALES, f"{SALES}&grain=week&unknown=1", f"{SALES}&since=2026-01-01&until=2026-03-31", "/v1/sales?feed=none"),
    *("/v1/sales?since=x", "/v1/sales?since=2026-02-30", "/v1/sales?since=1767225600", "/v1/sales?grain=hour"),
    *("/v1/sales?since=", "/v1/sales?feed=", "/v1/sales?feed", "/v1/sales?&feed=shop&", "/v1/sales?feed=sh%6fp"),
    *("/v1/sales?since=0001-01-01&compare=last_year&grain=month", "/v1/sales?until=2026-01-01&since=2026-02-01"),
    *("/v1/sales-lines?limit=1", "/v1/sales-lines?limit=01", "/v1/sales-lines?limit=-1", "/v1/sales-lines?limit=1.0"),
    *("/v1/customers/C1/360?feed=shop", "/v1/customers/C%201/360", "/v1/customers/{}/360", "/v1/customers//360"),
    *("/v1/products/P1/funnel?feed=none", "/v1/customers/C1/360/", "/v1/customers/C1/360?customer=C2"),
]


@pytest.mark.parametrize("role", [None, "analyst", "admin"])
@pytest.mark.parametrize("path", dict.fromkeys([*LOOKUPS, *ODD]))
def test_both_paths_give_the_same_answer(shop_site, monkeypatch, path, role):
    short = [shop_site.get(path, role) for _ in range(2)][-1]
    monkeypatch.setattr(ShortPath, "find_route", lambda self, scope: None)
    long = shop_site.get(path, role)

    assert (short.status_code, short.content) == (long.status_code, long.content)
    assert {name: value for name, value in short.headers.items() if name not in VOLATILE} == {
        name: value for name, value in long.headers.items() if name not in VOLATILE
    }


def test_a_known_answer_does_not_reach_the_framework(shop_site, short_path, monkeypatch):
    etag = shop_site.get(SALES, "analyst").headers["etag"]
    monkeypatch.setattr(Request, "form", None)
    monkeypatch.setattr(type(shop_site.app.router), "__call__", None)

    answers = [shop_site.get(SALES, "analyst", headers=each) for each in ({}, {"If-None-Match": etag})]

    assert [each.status_code for each in answers] == [200, 304]


def test_a_request_takes_one_token_of_its_rate(own_site, monkeypatch):
    site, taken = own_site(), []
    take = site.gate._limits.take
    monkeypatch.setattr(site.gate._limits, "take", lambda name: taken.append(name) or take(name))

    site.get("/v1/tables/gold.sales_daily", "analyst")
    site.get("/v1/freshness", "analyst")

    assert len(taken) == 2


def test_a_look_up_is_recorded_once(own_site):
    site = own_site()
    site.get("/v1/customers/C1/360?feed=shop", "service")

    assert len(site.gate.audit.read()) == 1


def test_a_personal_answer_is_looked_for_in_no_cache(own_site, monkeypatch):
    site = own_site()
    monkeypatch.setattr(AnswerCache, "get", None)

    assert site.get("/v1/customers/C1/360?feed=shop", "service").status_code == 200


def test_an_unknown_table_is_not_found(own_site):
    assert own_site().get("/v1/products/P1/funnel?feed=shop", "service").status_code == 404
