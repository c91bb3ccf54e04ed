import json
from datetime import UTC, datetime

import pyarrow as pa

from shoplake.serve.answers.query.answer import Answer, Meta
from shoplake.serve.api.context import RequestContext
from shoplake.serve.api.encode.answers import answer_response, document_response
from tests.serve.fake_store import FakeGeneration

META = Meta("gold.sales_daily", 4, datetime(2026, 3, 2, tzinfo=UTC), "One row per day.", {"net_sales": "currency"})
ANSWER = Answer(pa.table({"net_sales": [1]}), META, is_truncated=True)


def context(format="json"):
    return RequestContext(generation=FakeGeneration("g1"), format=format)


def test_rows_come_with_where_they_are_from():
    body = json.loads(answer_response(context(), ANSWER, "/next").body)

    assert body["data"] == [{"net_sales": 1}]
    assert (body["truncated"], body["next"]) == (True, "/next")
    assert body["meta"] == {
        "table": "gold.sales_daily",
        "version": 4,
        "as_of": "2026-03-02T00:00:00Z",
        "generation": "g1",
        "units": {"net_sales": "currency"},
        "definition": "One row per day.",
        "definition_url": "/v1/meta/gold.sales_daily",
    }


def test_other_formats_say_the_same_in_headers():
    response = answer_response(context("csv"), ANSWER, "/next")

    assert response.body == b'"net_sales"\n1\n'
    assert response.headers["shoplake-version"] == "4"
    assert response.headers["shoplake-truncated"] == "true"
    assert response.headers["link"] == '</next>; rel="next"'


def test_a_document_is_passed_on_as_it_is():
    body = json.loads(document_response(b'{"net":"1.10"}', b'{"version":4}').body)

    assert body["data"] == {"net": "1.10"}
    assert body["meta"]["version"] == 4
