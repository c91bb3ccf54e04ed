import csv
import io
from decimal import Decimal

import pytest

from shoplake.serve.answers.subjects import SUBJECTS
from shoplake.serve.api.routes.subjects import subject_router
from tests.serve.answers.small_shop import SmallShop

SHOP = SmallShop()


def test_each_subject_has_a_route():
    assert {route.name for route in subject_router(SUBJECTS).routes} == {subject.name for subject in SUBJECTS}


def test_the_subjects_of_one_customer_are_below_her():
    paths = {route.path for route in subject_router(SUBJECTS).routes}

    assert {"/v1/customers/{customer}", "/v1/customers/{customer}/orders", "/v1/sales", "/v1/segment-moves"} <= paths


def test_sales_are_those_of_the_lines(shop_site):
    query = "grain=total&since=2026-03-01&until=2026-03-31&currency=GBP"
    [row] = shop_site.get(f"/v1/sales?{query}", "analyst").json()["data"]

    lines = [line for line in SHOP.lines if line["order_date"].month == 3 and line["currency"] == "GBP"]
    assert Decimal(row["gross_sales"]) == sum(line["gross"] for line in lines if not line["is_cancelled"])


@pytest.mark.parametrize(
    ("query", "currency"), [("", "GBP"), ("currency=EUR", "EUR"), ("by=currency", None), ("by=country", "GBP")]
)
def test_an_answer_of_one_currency_says_of_which(shop_site, query, currency):
    path = f"/v1/sales?grain=total&{query}"
    answer, as_csv = shop_site.get(path, "analyst"), shop_site.get(f"{path}&format=csv", "analyst")

    assert answer.json()["meta"].get("currency") == currency
    assert as_csv.headers.get("shoplake-currency") == currency


def test_lines_of_all_currencies_are_of_none(shop_site):
    answer = shop_site.get("/v1/sales-lines?currency=all&limit=5", "analyst")

    assert (answer.status_code, answer.json()["meta"].get("currency")) == (200, None)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("since=2026-03-05&until=2026-03-01", 422),
        ("since=0001-01-01&until=9999-12-31", 422),
        ("since=9999-01-01", 404),
        ("until=0001-01-01", 404),
        ("feed=nobody", 404),
    ],
)
def test_days_that_are_no_range_are_invalid_and_those_without_data_are_not_found(shop_site, query, status):
    assert shop_site.get(f"/v1/sales?{query}", "analyst").status_code == status


@pytest.mark.parametrize("limit", [0, -1])
def test_a_list_of_no_rows_is_not_asked_for(shop_site, limit):
    described = shop_site.get("/v1/openapi.json", "admin").json()["paths"]
    parameters = {path: routes.get("get", {}).get("parameters", ()) for path, routes in described.items()}
    lists = [path for path, names in parameters.items() if "limit" in {each["name"] for each in names}]
    addresses = [each.format(table="gold.sales_daily", customer="C1", product="P1") for each in lists]

    answers = [shop_site.get(f"{each}?limit={limit}", "admin") for each in addresses]

    assert len(lists) > 20
    assert {(each.status_code, each.json().get("detail")) for each in answers} == {
        (422, "limit: Input should be greater than or equal to 1")
    }


@pytest.mark.parametrize("format", ["csv", "ndjson", "parquet", "arrow"])
def test_an_answer_comes_in_each_format(shop_site, format):
    answer = shop_site.get(f"/v1/segments?format={format}", "analyst")

    assert answer.status_code == 200
    assert answer.headers["shoplake-table"] == "gold.customer_segments"


def test_csv_has_the_rows_of_json(shop_site):
    rows = shop_site.get("/v1/segments", "analyst").json()["data"]
    lines = csv.DictReader(io.StringIO(shop_site.get("/v1/segments?format=csv", "analyst").text))

    assert [line["customers"] for line in lines] == [str(row["customers"]) for row in rows]


@pytest.mark.parametrize("query", ["grain=hour", "since=yesterday", "by=shoe"])
def test_a_parameter_of_another_type_is_named(shop_site, query):
    answer = shop_site.get(f"/v1/sales?{query}", "analyst")

    assert answer.status_code == 422
    assert query.split("=")[0] in answer.json()["detail"]


def test_an_unknown_customer_is_not_found(shop_site):
    assert shop_site.get("/v1/customers/nobody", "service").status_code == 404
