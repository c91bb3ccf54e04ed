"""How the cells of a table write numbers and times, where its head decides it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shoplake.declare.currency import CURRENCIES
from shoplake.engine.ingest.formats.cell_values import iso_time, plain_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_CELLS = 200
"""Distinct cells of a column that are looked at."""
DAYS: tuple[str, ...] = (
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
)
DAYS += (
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%b %d %Y",
    "%Y-%m-%d",
    "%Y.%m.%d",
    "%a %b %d %Y",
    "%b-%d-%Y",
    "%b-%d-%y",
    "%d-%b-%y",
    "%d %b %y",
)
TIME = re.compile(
    r"(?P<day>\d{1,4}(?P<mark>[./-])\d{1,2}(?P=mark)\d{1,4}|[A-Za-z]{3,9} \d{1,2},? \d{4}"
    r"|\d{1,2}(?P<dash>[ -])[A-Za-z]{3,9}(?P=dash)(?:\d{4}|\d{2})|[A-Za-z]{3}-\d{1,2}-(?:\d{4}|\d{2})"
    r"|[A-Za-z]{3} [A-Za-z]{3} \d{1,2} \d{4})?"
    r"(?P<gap>,? |T)?"
    r"(?P<clock>\d{1,2}:\d\d(?P<seconds>:\d\d(?P<fraction>\.\d+)?)?(?P<half>( ?)[AaPp](?:[Mm]|\.[ \u00a0]?[Mm]\.))?)?"
    r"(?P<zone_gap> ?)(?P<zone>Z|[+-]\d\d:?\d\d|[A-Z][A-Za-z_]*(/[A-Za-z_/+-]+)?)?",
    re.ASCII,
)
"""A day, a time of day and a zone."""
ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|[+-]\d\d:?\d\d))?)?", re.ASCII)
"""What mappings read without an option."""
PLAIN = re.compile(r"[+-]?[0-9]+([.][0-9]+)?")
COMPACT = re.compile("(?:199|20[0-9])[0-9](?:0[1-9]|1[0-2])[0-3][0-9]", re.ASCII)
"""A day as Google Analytics writes it, `20260213`."""
FOREIGN_MONTH = re.compile(r"[0-9]{1,2}[.]? (?:de )?[^\W\d_]{3,10}[.]?,? (?:de )?[0-9]{4}(?:\D.*)?")
"""A day with the name of a month."""
GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}([.][0-9]{3})+")
"""A whole number with groups of thousands, or a fraction of three digits."""
ROUNDED = re.compile(r"[1-9][.,][0-9]+E[+][1-9][0-9]", re.ASCII)
"""A number of 11 digits or more, such as that of an order, as spreadsheets save it: without its last digits."""
OF_NUMBERS = re.compile("[\\d\\s.,'\u2019()+\u2212-]+")
"""What a number has beside a currency symbol."""
SYMBOLS = frozenset(("kr", "zł", "Kč", "Ft", "lei", "лв"))
"""Signs of money that are written in letters; others are codes, or have a character that Unicode calls one."""

LONGEST_SYMBOL = 6


@dataclass(frozen=True)
class CellTypes:
    """Options of a stream for numbers and times, and what the cells leave open, as sentences."""

    decimal: str = "."
    symbol: str = ""
    numbers: tuple[str, ...] = ()
    dates: Mapping[str, str] = field(default_factory=dict)
    open_questions: tuple[str, ...] = ()


def find_types(columns: Mapping[str, Sequence[str]]) -> CellTypes:
    """Return how the cells of columns, which are texts, write numbers and times.

    A column counts if all its cells fit, and is left out if mappings read it as it is. What is a day in March or April,
    or a thousand or a fraction, is a question.
    """
    cells = {name: _distinct(texts) for name, texts in columns.items()}
    cells = {name: texts for name, texts in cells.items() if texts and not all(map(ISO.fullmatch, texts))}
    formats = {name: _formats(texts) for name, texts in cells.items()}
    dates = {name: each[0] for name, each in formats.items() if len(each) == 1}
    questions = [f'"{name}" is {" or ".join(each)}' for name, each in formats.items() if len(each) > 1]
    names = {each: "…" for name in dates for each in _unknown_zones(cells[name])}
    months = [name for name, texts in cells.items() if not formats[name] and all(map(FOREIGN_MONTH.fullmatch, texts))]
    questions += [f'"{name}" has months in another language: replace their names in the mapping' for name in months]
    questions += [f"zones={names}, with their offsets".replace("'", '"')] if names else []
    rounded = {name: next(filter(ROUNDED.fullmatch, texts), "") for name, texts in cells.items()}
    questions += [
        f'"{name}" has {text}: a spreadsheet rounded it, export it again' for name, text in rounded.items() if text
    ]
    others = {name: texts for name, texts in cells.items() if not formats[name] and not rounded[name]}
    symbol = _symbol(others.values())
    decimal, numbers, open_numbers = _numbers(others, symbol)
    return CellTypes(decimal, symbol if numbers else "", numbers, dates, (*questions, *open_numbers))


def are_typed(texts: Sequence[str]) -> bool:
    """Whether texts, of which there are some, are numbers or times in any spelling, each of them."""
    if texts and all(PLAIN.fullmatch(text) or ISO.fullmatch(text) for text in texts):
        return True
    types = find_types({"": texts})
    return bool(types.numbers or types.dates or types.open_questions)


def _distinct(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, map(str.strip, texts))))[:MOST_CELLS]


def _formats(texts: Sequence[str]) -> list[str]:
    """Return the formats that all texts fit; of `%b` and `%B`, which are the same in May, one.

    A day such as 04/04 fits both of its orders, although it is the same day: that of other files may differ.
    """
    found: dict[str, str] = {}
    zones = dict.fromkeys(_unknown_zones(texts), "+00:00")
    if all(COMPACT.fullmatch(text) and iso_time(text, "%Y%m%d") for text in texts):
        return ["%Y%m%d"]
    for format in _formats_of(texts[0]):
        if all(iso_time(text, format, zones) is not None for text in texts):
            found.setdefault(format.replace("%B", "%b"), format)
    return list(found.values())


def _formats_of(text: str) -> list[str]:
    """Return the formats that a text may be of, by its parts; a time of day alone only if it has AM or PM."""
    parts = TIME.fullmatch(text)
    if parts is None or not (parts["day"] or parts["half"]):
        return []
    clock = ""
    if parts["clock"]:
        second = ":%S" * bool(parts["seconds"]) + ".%f" * bool(parts["fraction"])
        half = parts["half"] or ""
        clock = f"{'%I' if half else '%H'}:%M{second}{' ' * half.startswith(' ')}{'%p' if half else ''}"
    zone = "%z" if (parts["zone"] or "").startswith(("+", "-")) else "%Z" * bool(parts["zone"])
    end = f"{parts['gap'] or ''}{clock}{parts['zone_gap']}{zone}"
    return [f"{day}{end}" for day in (DAYS if parts["day"] else ("",))]


def _unknown_zones(texts: Sequence[str]) -> list[str]:
    """Return the names of zones in texts of times that `%Z` does not know."""
    parts = [match for match in map(TIME.fullmatch, texts) if match is not None and match["day"] and match["clock"]]
    names = {match["zone"] for match in parts if match["zone"] and match["zone"][0].isalpha()}
    return sorted(name for name in names if iso_time(f"2026-01-01 {name}", "%Y-%m-%d %Z") is None)


def _symbol(columns: Iterable[Sequence[str]]) -> str:
    """Return the currency symbol that most columns have, each in all cells that have one; empty if none."""
    counts = Counter[str]()
    for texts in columns:
        symbols = {OF_NUMBERS.sub(" ", text).strip() for text in texts} - {""}
        has_digits = all(any(map(str.isdigit, text)) for text in texts)
        if has_digits and len(symbols) == 1 and _is_money(symbol := symbols.pop()):
            counts[symbol] += 1
    return counts.most_common(1)[0][0] if counts else ""


def _is_money(symbol: str) -> bool:
    has_sign = len(symbol) < LONGEST_SYMBOL and any(unicodedata.category(each) == "Sc" for each in symbol)
    return has_sign or symbol in CURRENCIES or symbol in SYMBOLS


def _numbers(columns: Mapping[str, Sequence[str]], symbol: str) -> tuple[str, tuple[str, ...], list[str]]:
    """Return the decimal separator, the columns of numbers that are not plain, and what is open about others."""
    decided: dict[str, str] = {}
    either: dict[str, str] = {}
    for name, texts in columns.items():
        are_groups = all(GROUPED.fullmatch(text) for text in texts if "." in text)
        odd = [text for text in texts if not PLAIN.fullmatch(text) or (are_groups and "." in text)]
        if not odd:
            continue
        by_point, by_comma = ([plain_number(text, decimal, symbol) for text in texts] for decimal in ".,")
        if None in by_point and None in by_comma:
            continue
        if None in by_point or None in by_comma:
            decided[name] = "," if None in by_point else "."
        elif by_point != by_comma:
            either[name] = odd[0]
        elif symbol and any(symbol in text for text in odd):
            decided[name] = ""
    marks = Counter(mark for mark in decided.values() if mark)
    decimal = marks.most_common(1)[0][0] if marks else "."
    fits = {name for name, mark in decided.items() if mark in ("", decimal)} | (set(either) if marks else set())
    questions = [
        f'"{name}" has numbers as {text}, a thousand or a fraction' for name, text in either.items() if not marks
    ]
    questions += [f'"{name}" has another decimal separator' for name in decided if name not in fits]
    return decimal, tuple(name for name in columns if name in fits), questions
