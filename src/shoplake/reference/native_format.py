"""Reference page of the native format, and a JSON Schema of each of its streams."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from shoplake.feeds.zenith import ZENITH
from shoplake.feeds.zenith.native_format import NATIVE_FORMAT, example_record
from shoplake.reference.markdown import NOTE, join_paragraphs, markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.declare import Stream
    from shoplake.feeds.zenith.native_format import NativeField

PAGE = "docs/reference/native-format.md"
SCHEMAS = "docs/reference/schemas"
TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": ["string", "null"]},
    "time": {"type": ["string", "null"], "format": "date-time"},
    "day": {"type": ["string", "null"], "format": "date"},
    "integer": {"type": ["integer", "string", "null"]},
    "number": {"type": ["number", "string", "null"]},
}
INTRODUCTION = """
The native format is the first choice for a shop of your own: convert your data to it with any tool (SQL, pandas, a
script), and every table works without a feed kind. Set `kind = "zenith"` for the feed in `shoplake.toml` and write the
files into its folder. Only the streams that you have are needed: orders alone give the sales tables, events alone the
funnel.
""".strip().replace("\n", " ")
RULES = """
- Times are ISO 8601 with an offset or `Z`. A time without an offset counts as UTC.
- Numbers may be JSON numbers or texts with a point. A field that is missing is null.
- JSON files have one object per line. Text files may be packed as `.gz`, `.zst` or `.zip`.
- Each file has a new name. Write it under a name that ends in `.tmp`, and rename it when it is complete.
- Fields that are not listed stay in bronze and are reported as new fields.

`shoplake validate FILE…` reports what would be quarantined, without a lake. `shoplake schema orders` prints the JSON
Schema of a stream.
""".strip()


def native_format_files() -> dict[str, str]:
    """Write the page and the schemas, by path in the checkout."""
    schemas = {f"{SCHEMAS}/{name}.json": _schema_text(name) for name in NATIVE_FORMAT}
    return {PAGE: native_format_page(), **schemas}


def native_format_page() -> str:
    """Write the page: for each stream its files, fields and an example."""
    sections = [part for name in NATIVE_FORMAT for part in _section(name)]
    return join_paragraphs("# The native format", NOTE, INTRODUCTION, RULES, *sections)


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a record of the stream in the folder `name`."""
    title = f"A record of {_stream(name).pattern}"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **_object(NATIVE_FORMAT[name])}


def _schema_text(name: str) -> str:
    return json.dumps(json_schema(name), indent=2, ensure_ascii=False) + "\n"


def _section(name: str) -> Iterator[str]:
    fields, stream = NATIVE_FORMAT[name], _stream(name)
    yield f"## {name}"
    yield f"Files `{stream.pattern}`, format {stream.format}. JSON Schema: [{name}.json](schemas/{name}.json)."
    yield markdown_table(("field", "type", "required", "meaning", "example"), _rows(fields))
    yield f"```{'csv' if stream.format == 'csv' else 'json'}\n{_example(fields, stream)}\n```"


def _rows(fields: tuple[NativeField, ...], prefix: str = "") -> Iterator[tuple[str, ...]]:
    for field in fields:
        example = "" if field.elements else f"`{field.example}`"
        required = "yes" if field.is_required else ""
        yield (f"`{prefix}{field.name}`", field.type, required, field.meaning, example)
        yield from _rows(field.elements, f"{field.name}[].")


def _example(fields: tuple[NativeField, ...], stream: Stream) -> str:
    record = example_record(fields)
    if stream.format != "csv":
        return json.dumps(record, ensure_ascii=False)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([record.keys(), record.values()])
    return text.getvalue().rstrip()


def _object(fields: tuple[NativeField, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: _property(field) for field in fields},
        "required": [field.name for field in fields if field.is_required],
    }


def _property(field: NativeField) -> dict[str, Any]:
    if field.elements:
        return {"description": field.meaning, "type": "array", "items": _object(field.elements)}
    return {"description": field.meaning, **TYPES[field.type], "examples": [field.example]}


def _stream(name: str) -> Stream:
    return next(each for each in ZENITH.streams if each.pattern.startswith(f"{name}/"))
