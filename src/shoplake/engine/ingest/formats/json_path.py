"""The values at a path of JSON documents, as they are written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

DECODER = json.JSONDecoder(parse_int=str)
"""Finds where values end; Python reads no numbers of more than 4,300 digits."""
STEP = re.compile(r"\.([^.\[\]]+)|\[\*\]")
TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"|[][{}]', re.DOTALL)
WHITESPACE = re.compile(r"[ \t\r\n]*")


class PathNotFoundError(ValueError):
    """A document has nothing at a path."""


class Element(NamedTuple):
    """Where a value begins, its text, and whether it is at the path: else it has nothing there, as others beside it."""

    start: int
    text: str
    is_found: bool = True


def elements(text: str, path: str) -> Iterator[Element]:
    """Yield the values at `path` in the documents of a text, and elements on the way that have nothing there.

    Raises PathNotFoundError if a document has nothing at the path, ValueError if the text is no JSON.
    """
    steps = [match[1] for match in STEP.finditer(path)]
    at = _skip(text, 0)
    while at < len(text):
        end = _end(text, at)
        yield from _descend(text, at, steps)
        at = _skip(text, end)


def _descend(document: str, at: int, steps: list[str | None]) -> Iterator[Element]:
    if not steps:
        yield Element(at, document[at : _end(document, at)])
        return
    name, *rest = steps
    if name is None and document.startswith("null", at):
        return  # what some APIs answer for an empty list
    if document[at] != ("[" if name is None else "{"):
        raise PathNotFoundError(name)
    if name is None:
        yield from _descend_each(document, at, rest)
        return
    starts = [start for key, start in _members(document, at) if key == name]
    if not starts:
        raise PathNotFoundError(name)
    for start in starts:
        yield from _descend(document, start, rest)


def _descend_each(document: str, at: int, steps: list[str | None]) -> Iterator[Element]:
    """Yield what is at a path in each element of an array; raises PathNotFoundError if it is in none of them."""
    found: list[Element] = []
    missing = 0
    count = 0
    for _, start in _members(document, at):
        count += 1
        try:
            found += _descend(document, start, steps)
        except PathNotFoundError:
            missing += 1
            found.append(Element(start, document[start : _end(document, start)], is_found=False))
    if count and missing == count:
        raise PathNotFoundError(steps[0])
    yield from found


def _members(document: str, at: int) -> Iterator[tuple[str | None, int]]:
    """Yield the key, None in an array, and the start of each value of the object or array that begins at `at`."""
    is_object, at = document[at] == "{", _skip(document, at + 1)
    while document[at] not in "}]":
        key = None
        if is_object:
            key, at = DECODER.raw_decode(document, at)
            at = _skip(document, _skip(document, at) + 1)
        yield key, at
        at = _skip(document, _end(document, at))
        if document[at] == ",":
            at = _skip(document, at + 1)


def _end(document: str, at: int) -> int:
    """Return where the value that begins at `at` ends; of one nested too deeply for Python, where its brackets do."""
    try:
        return DECODER.raw_decode(document, at)[1]
    except RecursionError:
        depth = 0
        for match in TEXT_OR_BRACKET.finditer(document, at):
            depth += (match[0] in "[{") - (match[0] in "]}")
            if depth == 0:
                return match.end()
        raise ValueError("brackets do not pair") from None


def _skip(text: str, at: int) -> int:
    """Return where the next character that is no white space is."""
    match = WHITESPACE.match(text, at)
    return match.end() if match else at
