"""What JSON records consist of, as the text that a mapping parses them with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shoplake.columns.json import quoted_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LONGEST_TYPE = 600
"""Characters of the type of a field; one with more is proposed as a text."""
MILLIS = range(10**12, 4 * 10**12)
"""Milliseconds since 1970 of the years 2001 to 2096."""
SECONDS = range(10**9, 4 * 10**9)
TIME_NAME = re.compile(
    r"(?:^|_)(?:at|on|time|date|timestamp|created|updated|modified|paid|expires)$|(?:At|Time|Date|Timestamp)$"
)
"""Names of times; of other fields such a number may be an id."""
MONEY_NAME = re.compile(
    r"(?:^|_|[a-z])(?:amount|price|total|cents?|cost|fee|tax|discount|shipping)(?:_|[A-Z]|$)", re.IGNORECASE
)
LEAST_CENTS = 100
"""What one of some amounts in cents is at least."""


class Number(str):
    """A number with a fraction, as it is written."""

    __slots__ = ()


def describe_fields(records: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the fields of records as DDL; None where a name cannot be in it."""
    names = field_names(records)
    if any("`" in name for name in names):
        return None
    return ", ".join(_field(name, [each.get(name) for each in records]) for name in names)


def field_names(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of all fields that one of the records has."""
    return list(dict.fromkeys(name for each in records for name in each))


def number_names(value: Any, name: str = "") -> set[str]:
    """Return the names of numbers with a fraction at any depth."""
    if isinstance(value, Number):
        return {name} - {""}
    if isinstance(value, dict):
        return {found for key, each in value.items() for found in number_names(each, key)}
    if isinstance(value, list | tuple):
        return {found for each in value for found in number_names(each, name)}
    return set()


def texts_by_field(records: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the texts of each field that has nothing but texts in records."""
    columns = _values_by_field(records)
    return {name: values for name, values in columns.items() if all(type(value) is str for value in values)}


def millis_names(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the fields whose values are whole numbers that may be milliseconds since 1970."""
    return _names_within(MILLIS, records)


def seconds_names(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the fields named as times whose values are whole numbers that may be seconds since 1970."""
    return list(filter(TIME_NAME.search, _names_within(SECONDS, records)))


def _names_within(numbers: range, records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the fields that have some values, each a whole number of a range."""
    columns = _values_by_field(records).items()
    return [
        name
        for name, values in columns
        if values and all(isinstance(value, int) and value in numbers for value in values)
    ]


def _values_by_field(records: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the values of each field of records that have one."""
    return {name: [each[name] for each in records if each.get(name) is not None] for name in field_names(records)}


def cents_names(value: Any) -> list[str]:
    """Return the names of amounts at any depth that are whole numbers everywhere, and not all of them small."""
    found: dict[str, list[object]] = {}
    _collect_money(value, found)
    return [
        name
        for name, values in found.items()
        if all(type(each) is int for each in values)
        and any(type(each) is int and abs(each) >= LEAST_CENTS for each in values)
    ]


def _collect_money(value: Any, found: dict[str, list[object]]) -> None:
    if isinstance(value, dict):
        for name, each in value.items():
            if _is_money(name, value) and isinstance(each, int | str) and not isinstance(each, bool):
                found.setdefault(name, []).append(each)
            _collect_money(each, found)
    elif isinstance(value, list | tuple):
        for each in value:
            _collect_money(each, found)


def _is_money(name: str, beside: Iterable[str]) -> bool:
    """Whether a member of an object is named as money, or is the value beside a currency."""
    is_value = name == "value" and any("currency" in each.casefold() for each in beside)
    return is_value or MONEY_NAME.search(name) is not None


def _field(name: str, values: Sequence[Any]) -> str:
    return f"{quoted_name(name)} {_type(values)}"


def _type(values: Sequence[Any]) -> str:
    """Return the type of values for a mapping: text, or objects and arrays of such."""
    known = [value for value in values if value not in (None, [], {})]
    found = "string"
    if known and all(isinstance(value, list) for value in known):
        found = f"array<{_type([each for value in known for each in value])}>"
    elif known and all(isinstance(value, dict) for value in known):
        members = [_field(name, [each.get(name) for each in known]) for name in field_names(known)]
        found = f"struct<{', '.join(members)}>"
    return found if len(found) <= LONGEST_TYPE else "string"
