import pytest

from shoplake.serve.api.short_path import ShortPath

SALES = "/v1/tables/gold.sales_daily"


@pytest.fixture(params=[True, False], ids=["short path", "framework"])
def ask(request, site, monkeypatch):
    """Asks as an analyst, on either path."""
    if not request.param:
        monkeypatch.setattr(ShortPath, "find_route", lambda self, scope: None)
    return lambda path: site.get(path, "analyst")


def test_a_parameter_that_a_route_does_not_take_is_answered_with_the_nearest(ask):
    answer = ask("/v1/sales?sinze=2026-03-01")

    text = "Unknown parameter 'sinze'. Did you mean 'since'?"
    assert (answer.status_code, answer.json()["detail"]) == (422, text)
    assert answer.json()["errors"] == [{"parameter": "sinze", "detail": text}]
    assert "etag" not in answer.headers


def test_a_parameter_that_is_given_twice_is_refused_unless_it_is_a_list(ask):
    twice = ask("/v1/sales?since=2026-03-01&grain=day&since=2026-03-02")
    filters = ask(f"{SALES}?filter=sales_date:gte:2026-03-01&filter=sales_date:lt:2026-03-09")

    assert (twice.status_code, twice.json()["detail"]) == (422, "The parameter 'since' is given twice. Leave one out.")
    assert filters.status_code == 200


def test_a_route_without_parameters_takes_none(ask):
    assert "Unknown parameter 'x'. There are none." in ask("/v1/meta?x=1").json()["detail"]
