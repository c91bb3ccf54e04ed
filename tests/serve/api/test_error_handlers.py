import logging

import pytest

CANARY = "canary-in-an-exception"


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/nothing", 404, "No route has this path"),
        ("/v1/tables/gold.sales_daly", 404, "Did you mean 'gold.sales_daily'?"),
        ("/v1/tables/gold.sales_daily?limit=0", 422, "limit: "),
        ("/v1/tables/gold.sales_daily?limit=ten", 422, "limit: "),
    ],
)
def test_an_error_is_a_problem_document_that_says_what_is_wrong(site, path, status, detail):
    answer = site.get(path, "admin")

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert detail in answer.json()["detail"]


def test_a_method_that_a_route_does_not_take_is_named(site):
    assert site.request("DELETE", "/v1/meta", "admin").json()["title"] == "Method not allowed"


def test_a_bug_shows_its_request_id_and_nothing_else(own_site, caplog):
    site = own_site()

    def fail(*_):
        raise RuntimeError(CANARY)

    site.store.generation.query = site.store.personal.query = fail
    with caplog.at_level(logging.ERROR, "shoplake.serve"):
        answer = site.get("/v1/tables/gold.sales_daily", "admin")

    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert CANARY not in answer.text
    assert CANARY in caplog.text
