"""Hostile texts in every parameter of every route: no answer is a failure, each error says what to do."""

from __future__ import annotations

import json
import random
from urllib.parse import quote, urlencode

import pytest
from starlette.routing import Mount

from tests.serve.answers.small_shop import SmallShop
from tests.serve.conftest import Site
from tests.serve.fake_store import FakeStore

SCRIPT = "<script>alert(1)</script>"
TEXTS = ["", " ", "x" * 5000, "-1", "0", "1", "1000000000000000000", "9" * 40, "1e5", "NaN", "Infinity", "\0", "a\0b"]
TEXTS += [
    "\ud7ff",
    "😀",
    "\u202e",
    "'; DROP TABLE x;--",
    "' OR 1=1 --",
    '"',
    SCRIPT,
    "../../etc/passwd",
    "%",
    "٣",
    "\r\nX: y",
]
TEXTS += [
    "2026-02-30",
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-03-01T00:00:00+99:99",
    "20260301",
]
TEXTS += [
    "null",
    "[]",
    "{}",
    "*",
    ",",
    "a,b,",
    "net_sales:desc",
    "net_sales:x",
    "net_sales:lt:NaN",
    "note:in:,,,",
    "day",
    "GBP",
]
OF_PAGES = ("feed", "currency", "since", "until", "compare", "cohort_by", "by", "split", "model", "series", "measure")
OF_PAGES += ("sort", "page", "limit", "order", "product", "customer", "segment", "key", "unfinished")
"""Parameters of the dashboard's pages; those of the API are in its description."""
EMPTY = 503
QUICK, LONG = 60, pytest.param(3000, marks=pytest.mark.slow)
"""Requests."""


@pytest.fixture(scope="module", params=["a shop", "an empty lake"])
def attacked(request, tmp_path_factory):
    """The API and the dashboard over a small shop, or over a store that nothing was built for."""
    from shoplake.serve.dashboard.charts.renderer import ChartRenderer
    from shoplake.serve.dashboard.part import Dashboard

    generations = [SmallShop().generation()] if request.param == "a shop" else []
    part = Dashboard({"shop": "Europe/London"}, ChartRenderer(lambda spec: "<svg><g/></svg>")).part()
    return Site(tmp_path_factory.mktemp("site"), FakeStore(*generations), parts=[part])


def routes_of(site):
    """The path of every GET route, and the names of its parameters."""
    described = site.get("/v1/openapi.json", "admin").json()["paths"]
    for route in site.app.routes:
        if not isinstance(route, Mount) and "GET" in route.methods and not route.path.startswith("/scripts/"):
            parameters = described.get(route.path, {}).get("get", {}).get("parameters", [])
            yield route.path, [each["name"] for each in parameters if each["in"] == "query"] or OF_PAGES


def hostile_url(path, names, chance):
    """The path with hostile texts in it, and hostile parameters: some twice, some that nobody knows."""
    for name in ("table", "customer", "product", "name", "version"):
        known = {"table": "gold.sales_daily", "name": "sales"}.get(name, "C1")
        text = known if chance.random() < 0.6 else chance.choice(TEXTS)
        path = path.replace(f"{{{name}}}", quote(text, safe=""))
    query = [(name, chance.choice(TEXTS)) for name in chance.choices(names, k=chance.choice((0, 1, 2, len(names))))]
    return f"{path}?{urlencode([*query, *([(chance.choice(TEXTS), 'x')] if chance.random() < 0.1 else [])])}"


@pytest.mark.parametrize("requests", [QUICK, LONG])
def test_no_hostile_parameter_fails_the_server_or_comes_back_as_markup(attacked, requests):
    chance, routes = random.Random(requests), list(routes_of(attacked))
    assert len(routes) > 50
    wrong = []
    for _ in range(requests):
        url = hostile_url(*chance.choice(routes), chance)
        accept = chance.choice(("application/json", "text/html", "text/csv", "x/y;q=zz,,"))
        answer = attacked.get(url, "admin", headers={"Accept": accept})
        if problem := problem_of(answer):
            wrong.append((problem, answer.status_code, url[:200]))

    assert wrong == []


def problem_of(answer):
    """What is wrong with an answer; nothing for a good one."""
    if answer.status_code >= 500 and answer.status_code != EMPTY:
        return "failed"
    if "Traceback" in answer.text or "/site-packages/" in answer.text:
        return "shows its code"
    kind = answer.headers.get("content-type", "")
    if "html" in kind:
        return "markup" if SCRIPT in answer.text else "" if "</html>" in answer.text else "cut off"
    if "problem+json" in kind and not json.loads(answer.text, parse_constant=str)["detail"]:
        return "no hint"
    return ""
