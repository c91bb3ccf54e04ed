import threading

import pytest

from shoplake.serve.api.routes.meta import describe_metric
from shoplake.tables.silver.sessions import sessions
from shoplake.transforms.sales.sales_metrics import CONVERSION


def test_each_table_has_its_version_and_what_one_row_is(site):
    tables = {each["name"]: each for each in site.get("/v1/meta", "analyst").json()["tables"]}

    assert tables["gold.sales_daily"]["version"] == 1
    assert tables["gold.sales_daily"]["definition"] == "One row per feed and day: net sales."


def test_a_table_has_its_columns_with_units(site):
    columns = {each["name"]: each for each in site.get("/v1/meta/gold.sales_daily", "analyst").json()["columns"]}

    assert columns["net_sales"]["type"] == "decimal(18,2)"
    assert columns["net_sales"]["unit"] == "currency"


def test_personal_columns_are_named_only_to_who_may_see_them(site):
    seen = {
        role: {each["name"] for each in site.get("/v1/meta/gold.customer_360", role).json()["columns"]}
        for role in ("analyst", "admin")
    }

    assert seen["admin"] - seen["analyst"] == {"email"}


def test_every_route_documents_its_refusals(site):
    paths = site.get("/v1/openapi.json", "analyst").json()["paths"]

    responses = {
        path: set(each["get"]["responses"]) for path, each in paths.items() if path.startswith("/v1/") and "get" in each
    }
    assert [path for path, statuses in responses.items() if not {"401", "403", "422", "429"} <= statuses] == []


@pytest.mark.parametrize("path", ["/v1/openapi.json", "/docs"])
def test_requests_do_not_wait_while_the_description_is_made(own_site, monkeypatch, path):
    site, makers = own_site(), []
    make = site.app.openapi
    monkeypatch.setattr(site.app, "openapi", lambda: makers.append(threading.current_thread().name) or make())

    answers = [site.get(path, "analyst") for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert [name.startswith("AnyIO worker") for name in makers] == [True]


def test_metrics_are_listed_where_the_generation_has_their_table(site):
    assert site.get("/v1/meta", "analyst").json()["metrics"] == []


def test_a_metric_is_described_as_it_is_computed():
    described = describe_metric(CONVERSION, sessions)

    assert described["expression"] == "1e0 * COUNT(CASE WHEN purchases > 0 THEN 1 END) / NULLIF(COUNT(*), 0)"
    assert (described["table"], described["where"]) == ("silver.sessions", "NOT is_bot")
    assert described["dimensions"] == ["feed", "channel", "device"]
