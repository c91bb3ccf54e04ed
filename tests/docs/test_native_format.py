import json

import pytest

from shoplake.feeds.native_format import NATIVE_FORMAT, example_record
from tools.docs.native_format import SCHEMAS, json_schema, native_format_files, native_format_page

PYTHON_TYPES = {"string": str, "integer": int, "number": (int, float), "null": type(None)}


def fits(value, schema):
    """Whether a value has a type of the schema, and an object the required properties."""
    if schema["type"] == "object":
        return set(schema["required"]) <= value.keys() and all(
            fits(value[name], inner) for name, inner in schema["properties"].items() if name in value
        )
    if schema["type"] == "array":
        return isinstance(value, list) and all(fits(each, schema["items"]) for each in value)
    return any(isinstance(value, PYTHON_TYPES[each]) for each in schema["type"])


@pytest.mark.parametrize("name", NATIVE_FORMAT)
def test_the_page_lists_every_field_with_its_meaning(name):
    page = native_format_page().split(f"## {name}\n")[1].split("\n## ")[0]

    assert all(f"| `{field.name}` | {field.type} |" in page and field.meaning in page for field in NATIVE_FORMAT[name])


@pytest.mark.parametrize("name", NATIVE_FORMAT)
def test_the_schema_of_a_stream_accepts_its_example_and_demands_its_key(name):
    schema, record = json_schema(name), example_record(NATIVE_FORMAT[name])

    assert fits(record, schema)
    assert not fits({key: value for key, value in record.items() if key not in schema["required"]}, schema)


def test_there_is_a_schema_file_of_each_stream():
    files = native_format_files()

    assert {json.loads(files[f"{SCHEMAS}/{name}.json"])["title"].split("/")[0] for name in NATIVE_FORMAT} == {
        f"A record of {name}" for name in NATIVE_FORMAT
    }
