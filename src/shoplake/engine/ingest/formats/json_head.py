"""Whether a JSON file is one document or has a record a line, by how it begins."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shoplake.declare import Stream

FIRST_KEY = re.compile(rb'\{\s*"([^"]*)"')


def may_be_document(first: bytes, stream: Stream) -> bool:
    """Whether the first line of a text is an array, is not complete, or begins with an unknown field."""
    line, end, _ = first.partition(b"\n")
    if line.startswith(b"[") or (end and line.startswith(b"{") and line.rstrip().endswith((b"{", b"[", b","))):
        return True
    key = FIRST_KEY.match(line)
    return (
        key is not None
        and b"[" in line
        and bool(stream.fields)
        and key[1].decode("utf-8", "replace") not in stream.fields
    )


def has_records(value: dict[str, object], stream: Stream) -> bool:
    """Whether an object has none of the stream's fields, but a list of objects, or an empty one of its pages."""
    if any(f"$.{name}[*]" in stream.pages and each == [] for name, each in value.items()):
        return True
    lists = [each for each in value.values() if isinstance(each, list)]
    return not set(value) & set(stream.fields) and any(isinstance(each, dict) for rows in lists for each in rows)


def has_page_ahead(text: str, stream: Stream) -> bool:
    """Whether a text that is not one document is of pages all the same: cut off, or several one after the other.

    None of its lines is a record by itself. A single line is one, however it ends, unless it begins as a page.
    """
    if not stream.pages or ("\n" not in text.strip() and not _begins_page(text, stream)):
        return False
    return not any(is_record(line, stream) for line in text.splitlines())


def _begins_page(text: str, stream: Stream) -> bool:
    names = [path.removeprefix("$.").removesuffix("[*]") for path in stream.pages if path.endswith("[*]")]
    return any(re.match(r"\s*\[" if name == "$" else rf'\s*\{{\s*"{re.escape(name)}"\s*:\s*\[', text) for name in names)


def is_record(line: str, stream: Stream) -> bool:
    """Whether a text is an object with one of the stream's fields, or of any field where it declares none."""
    if not line.lstrip().startswith("{"):
        return False
    try:
        value = json.loads(line, parse_int=str)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and (not stream.fields or not set(value).isdisjoint(stream.fields))
