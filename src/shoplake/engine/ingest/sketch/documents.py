"""The stream that a JSON file seems to need: where its records are, and what they consist of."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from shoplake.engine.ingest.sketch.json_types import Number, field_names, number_names
from shoplake.engine.ingest.sketch.stream_code import StreamSketch, pattern_of, quoted
from shoplake.engine.ingest.sketch.text_tables import decode_head, find_utf16, read_head

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD_BYTES = 1 << 20
MOST_RECORDS = 200
DEEPEST = 6
"""Members within members that are looked into for records."""
LONGEST_WHOLE = 18
"""Digits of a whole number that is read as one; Python reads none of more than 4,300."""


def _whole(text: str) -> int | str:
    return int(text) if len(text) <= LONGEST_WHOLE else text


DECODER = json.JSONDecoder(parse_int=_whole, parse_float=Number)
SPACE = re.compile(r"[\s]*")
COUNTS: tuple[str, ...] = (
    "total",
    "count",
    "offset",
    "limit",
    "page",
    "pages",
    "per_page",
    "size",
    "total_count",
    "totalpages",
)
CURSORS: tuple[str, ...] = (
    "next",
    "next_page",
    "previous",
    "prev",
    "cursor",
    "has_more",
    "links",
    "self",
    "url",
    "pagination",
    "href",
    "_links",
)
OTHERS: tuple[str, ...] = (
    "meta",
    "object",
    "status",
    "success",
    "version",
    "included",
    "errors",
    "exported_at",
    "generated_at",
)
OTHERS += ("extensions", "data", "result", "results")
OF_PAGES = frozenset((*COUNTS, *CURSORS, *OTHERS))
"""Names of what is beside the records of a page, and not of a record."""
BESIDE = ("links", "_links", "meta", "pagination", "included", "errors", "extensions")
"""Objects and arrays that are no records."""
STEPS = re.compile(r"[.\[\]]")
"""What a name in a path cannot have."""


def sketch_document(path: str, name: str) -> StreamSketch | None:
    """Return the stream of JSON objects: one a line, or those at a path of documents; None for other texts."""
    head = read_head(path, HEAD_BYTES)
    encoding = find_utf16(head) or "utf-8"
    text = decode_head(head, encoding)
    values = list(_values(text))
    if not values:
        return None
    found = list(_record_lists(values[0][0], "$"))
    place, records = max(found, key=lambda each: len(each[1]), default=("$", []))
    others = [each for each, _ in found if each != place]
    if place == "$":
        records = [value for value, _ in values if isinstance(value, dict) and _is_record(value)]
    objects = [record for record in records if isinstance(record, dict)][:MOST_RECORDS]
    if not objects:
        return None
    is_a_line = place == "$" and all("\n" not in written for _, written in values)
    options = [] if is_a_line else [f"path={quoted(place)}"]
    options += [f"encoding={quoted(encoding)}"] if encoding != "utf-8" else []
    if not _is_flat_enough(objects):
        return None
    hints = tuple(f"or path={quoted(each)}" for each in others)
    return StreamSketch(pattern_of(name), "json", after=tuple(options), records=tuple(objects), hints=hints)


def _is_flat_enough(objects: list[dict[str, Any]]) -> bool:
    """Whether Python can walk through objects to their ends."""
    try:
        return bool(field_names(objects)) and number_names(objects) is not None
    except RecursionError:
        return False


def _values(text: str) -> Iterator[tuple[Any, str]]:
    """Yield the values that follow each other in a text, as they are written; of one that is cut off what is there."""
    at = _skip(text, 0)
    for _ in range(MOST_RECORDS):
        if at >= len(text):
            return
        value, end = _decode(text, at)
        if end:
            yield value, text[at:end]
            at = _skip(text, end)
            continue
        if not text[:at].strip() and (part := _cut_value(text, at)):
            yield part, "\n"
        return


def _decode(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins at `at`, and where it ends; 0 if it is none, or cut off."""
    try:
        return DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, 0


def _cut_value(text: str, at: int, depth: int = 0) -> dict[str, Any] | list[Any]:
    """Return what there is of an array or object that begins at `at` and is cut off."""
    is_object, members = text[at : at + 1] == "{", dict[str, Any]()
    if depth > DEEPEST or text[at : at + 1] not in ("{", "["):
        return {}
    elements: list[Any] = []
    at = _skip(text, at + 1)
    while at < len(text) and text[at] not in "]}":
        key = None
        if is_object:
            key, end = _decode(text, at)
            if not isinstance(key, str):
                break
            at = _skip(text, _skip(text, end) + 1)
        value, end = _decode(text, at)
        if not end and not (is_object and (value := _cut_value(text, at, depth + 1))):
            break
        members[key or ""] = value
        elements.append(value)
        if not end:
            break
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at : at + 1] == "," else at
    return members if is_object else elements


def _record_lists(value: Any, path: str) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists of objects in a document that may be its records, with their paths.

    An object that has more than what is beside records is a record itself, and has none.
    """
    if isinstance(value, list):
        yield from _of_list(value, f"{path}[*]")
        return
    if not isinstance(value, dict):
        return
    below = {
        key: each for key, each in value.items() if isinstance(each, dict | list) and each and not STEPS.search(key)
    }
    own = [key for key in value if key not in below and key.casefold() not in OF_PAGES]
    if own:
        return
    for key, each in below.items():
        if key.casefold() not in BESIDE:
            yield from _of_member(each, f"{path}.{key}", is_only=len(below) == 1)


def _is_record(value: dict[str, Any]) -> bool:
    """Whether an object has a value that is neither an object nor an array, and of no page."""
    return any(key.casefold() not in OF_PAGES and not isinstance(each, dict | list) for key, each in value.items())


def _of_member(value: Any, path: str, *, is_only: bool) -> Iterator[tuple[str, list[Any]]]:
    found = list(_record_lists(value, path))
    if not found and isinstance(value, dict) and is_only:
        found = [(path, [value])]
    yield from found


def _of_list(values: list[Any], path: str) -> Iterator[tuple[str, list[Any]]]:
    objects = [each for each in values if isinstance(each, dict)]
    if not objects:
        return
    names = {name for each in objects for name in each}
    if names <= {"node", "cursor"} and "node" in names:
        yield f"{path}.node", [each.get("node") for each in objects]
    else:
        yield path, objects


def _skip(text: str, at: int) -> int:
    match = SPACE.match(text, at)
    return match.end() if match else at
