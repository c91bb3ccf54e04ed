import json

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from shoplake import simulate
from shoplake.feeds.zenith.native_format import NATIVE_FORMAT, example_record
from shoplake.reference.native_format import SCHEMAS, json_schema, native_format_files, native_format_page

CHECKER = FormatChecker(["date"])


def errors(name, record):
    """The messages of a record that its stream's schema rejects."""
    return [
        error.message for error in Draft202012Validator(json_schema(name), format_checker=CHECKER).iter_errors(record)
    ]


@pytest.mark.parametrize("name", NATIVE_FORMAT)
def test_the_page_lists_every_field_with_its_meaning(name):
    page = native_format_page().split(f"## {name}\n")[1].split("\n## ")[0]

    assert all(f"| `{field.name}` | {field.type} |" in page and field.meaning in page for field in NATIVE_FORMAT[name])


@pytest.mark.parametrize("name", NATIVE_FORMAT)
def test_the_schema_of_a_stream_is_valid_and_accepts_its_example(name):
    Draft202012Validator.check_schema(json_schema(name))

    assert errors(name, example_record(NATIVE_FORMAT[name])) == []


@pytest.mark.parametrize("name", NATIVE_FORMAT)
def test_the_schema_of_a_stream_demands_each_required_field(name):
    required = [field.name for field in NATIVE_FORMAT[name] if field.is_required]
    record = example_record(NATIVE_FORMAT[name])

    for field in required:
        others = {key: value for key, value in record.items() if key != field}
        assert errors(name, others) == [f"'{field}' is a required property"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order_id": 7}, "7 is not of type 'string', 'null'"),
        ({"lines": "none"}, "'none' is not of type 'array'"),
        ({"lines": [{"line_number": 1, "quantity": 2, "unit_price": 1}]}, "'product_id' is a required property"),
    ],
)
def test_the_schema_rejects_what_does_not_fit(change, message):
    assert errors("orders", example_record(NATIVE_FORMAT["orders"]) | change) == [message]


def test_all_records_of_a_simulated_shop_fit_the_schemas(tmp_path):
    simulate.generate(tmp_path, events=300, customers=20, products=10, days=2)
    records = [
        (path.parent.name, json.loads(line))
        for path in tmp_path.rglob("*/*.json")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]

    assert {name for name, _ in records} >= {"events", "orders"}
    assert [(name, errors(name, record)) for name, record in records if errors(name, record)] == []


def test_there_is_a_schema_file_of_each_stream():
    files = native_format_files()

    assert {json.loads(files[f"{SCHEMAS}/{name}.json"])["title"].split("/")[0] for name in NATIVE_FORMAT} == {
        f"A record of {name}" for name in NATIVE_FORMAT
    }
