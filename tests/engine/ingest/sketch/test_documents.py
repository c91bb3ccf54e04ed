import json
import sys

import pytest

from shoplake.engine import sketch_streams
from shoplake.engine.ingest.sketch.documents import sketch_document

ORDER = {"id": 1, "total": 5.5, "items": [{"sku": "a"}]}
PAGE = {"orders": [ORDER, ORDER | {"id": 2}], "count": 2, "next": None}


@pytest.mark.parametrize(
    ("text", "path", "ids"),
    [
        ("\n".join(map(json.dumps, (ORDER, ORDER))), None, [1, 1]),
        (json.dumps(ORDER, indent=1), "$", [1]),
        (json.dumps({"order": ORDER}), "$.order", [1]),
        (json.dumps([ORDER, ORDER]), "$[*]", [1, 1]),
        (json.dumps(PAGE, indent=2), "$.orders[*]", [1, 2]),
        (f"{json.dumps(PAGE)}\n{json.dumps(PAGE)}", "$.orders[*]", [1, 2, 1, 2]),
        (json.dumps({"data": {"orders": {"edges": [{"node": ORDER}]}}}), "$.data.orders.edges[*].node", [1]),
        (json.dumps({"data": [ORDER], "included": [ORDER] * 3, "links": {"self": "x"}}), "$.data[*]", [1]),
        (json.dumps({"href": "https://x.example", "total": 1, "orders": [ORDER]}), "$.orders[*]", [1]),
        (json.dumps({"_embedded": {"orders": [ORDER]}, "_links": {}, "count": 1}), "$._embedded.orders[*]", [1]),
        ("\ufeff" + json.dumps(ORDER) + "\n", None, [1]),
    ],
)
def test_the_proposed_path_reads_the_records(file, read, text, path, ids):
    stream, records, problems = read(file(text, "orders.json"))

    assert (stream.path, stream.fields, problems) == (path, ("id", "total", "items"), set())
    assert [json.loads(record)["id"] for record in records] == ids


def test_of_several_lists_the_longest_is_proposed_and_the_others_are_named(file):
    (code,) = sketch_streams(
        [(str(file('{"orders": [{"id": 1}], "people": [{"mail": "x"}, {"mail": "y"}]}')), "a.json")]
    )

    assert 'path="$.people[*]")  # or path="$.orders[*]"' in code


@pytest.mark.parametrize(
    ("before", "path"),
    [("[", "$[*]"), ('{"meta": {"v": 1}, "orders": [', "$.orders[*]"), ('{"data": {"x": [', "$.data.x[*]")],
)
def test_the_head_of_a_large_document_shows_its_records(file, before, path):
    sketch = sketch_document(str(file(before + ", ".join([json.dumps(ORDER)] * 40_000) + "]")), "a.json")

    assert sketch.after == (f'path="{path}"',)


@pytest.mark.parametrize("text", ["", "[]", "null", "[1, 2]", '"x"', '{"orders": [], "count": 0}', "{" * 5_000, "nul"])
def test_what_has_no_record_has_no_stream(file, text):
    assert sketch_document(str(file(text)), "a.json") is None


def test_a_document_that_is_nested_beyond_what_python_walks_has_no_stream(file):
    deep = 900 if sys.version_info < (3, 12) else 1_100  # later, Python's limit no longer counts the parser's calls
    assert sketch_document(str(file('[{"a": ' + "[" * deep + "1.5" + "]" * deep + "}]")), "a.json") is None


def test_seconds_and_cents_are_named_behind_the_stream(file):
    page = {"object": "list", "data": [{"id": "ch_1", "amount": 5700, "created": 1_770_973_200, "currency": "eur"}]}

    code = sketch_document(str(file(json.dumps(page))), "charges.json").code()

    assert (
        'from_seconds("created"); amount: if in cents, parse_as(…, money.UNIT) * money.minor_unit("currency")' in code
    )
