"""Numbers and times of cells, as a stream declares them, in the spelling that mappings read."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shoplake.declare.kinds.zones import ZONE_HOURS, zone_offset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from shoplake.declare import Stream

GROUPS = r" '\u2019\u00a0\u202f"
"""What groups thousands beside the other of point and comma; Swiss prices have the typographic apostrophe."""
WHOLE = {
    ".": rf"[0-9]{{1,3}}(?P<group>[{GROUPS},])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*"
    r"|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}|[0-9]+",
    ",": rf"[0-9]{{1,3}}(?P<group>[{GROUPS}.])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*|[0-9]+",
}
"""By decimal separator: a whole number with groups of thousands, in India of hundreds above them, or without."""
NUMBERS = {
    decimal: re.compile(rf"(?P<whole>{whole}|)(?P<fraction>[{decimal}][0-9]+)?(?P<exponent>[eE][+-]?[0-9]{{1,3}})?")
    for decimal, whole in WHOLE.items()
}
"""By decimal separator: a number without a sign, with a fraction and an exponent."""
MINUS = ("-", "\u2212")
TIME_DIRECTIVES = re.compile(r"%[HIMSfpXcsT]")
DATE_DIRECTIVES = re.compile(r"%[aAwdbBmyYjUWcxGuVDFsehC]")
HALF_OF_DAY = re.compile(r"\b([AaPp])\.[ \u00a0\u202f]?[Mm]\.")
"""AM or PM as `p.m.`, which `strptime` does not know."""
UTC_NAMES = ("UTC", "UT", "GMT", "Z")
NO_ZONES: Mapping[str, str] = {}
ZONE_NAME = re.compile(r"(?<![A-Za-z/])(?:[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+|UTC?|GMT|Z|[ECMP][SD]T)(?![A-Za-z/])")


def convert_cells(
    cells: Sequence[str], names: Sequence[str], stream: Stream, is_text: Sequence[bool] | None = None
) -> tuple[list[str], str | None]:
    """Return the cells with plain numbers and times, and none of `nulls`; one that does not fit stays.

    The first that does not fit is the problem. `is_text` says which cells are texts, by default all; others are values
    already.
    """
    converted, problem = list(cells), None
    for at, cell in enumerate(cells):
        name = names[at] if at < len(names) else ""
        if not cell.strip() or (is_text is not None and not is_text[at]):
            continue
        plain: str | None = cell
        if cell.strip() in stream.nulls:
            plain = ""
        elif name in stream.numbers:
            plain = plain_number(cell, stream.decimal, stream.currency_symbol)
        elif name in stream.dates:
            plain = iso_time(cell, stream.dates[name], stream.zones)
        if plain is None:
            problem = problem or f"{name}_fits_type"
        else:
            converted[at] = plain
    return converted, problem


def plain_number(cell: str, decimal: str, symbol: str = "") -> str | None:
    """Return a number with a point and without groups of thousands; None if `cell` is none of that decimal separator.

    It may have the currency symbol `symbol` before or after it, once. Negative ones may be in brackets.

    >>> plain_number("1.234,50", ",")
    '1234.50'
    """
    sign, text = _split_sign(cell.strip())
    if symbol:
        text = (text.removeprefix(symbol) if text.startswith(symbol) else text.removesuffix(symbol)).strip()
        sign, text = (sign, text) if sign else _split_sign(text)
    match = NUMBERS[decimal].fullmatch(text)
    if match is None or not (match["whole"] or match["fraction"]):
        return None
    whole = re.sub("[^0-9]", "", match["whole"])
    if match["exponent"] and whole != match["whole"]:
        return None
    return sign + (whole or "0") + (match["fraction"] or "").replace(",", ".") + (match["exponent"] or "")


def _split_sign(text: str) -> tuple[str, str]:
    """Split a text into a sign, which may be empty, and the rest; a minus may be behind it, or brackets around it."""
    if text.startswith(("+", *MINUS)):
        return ("+" if text[0] == "+" else "-"), text[1:]
    if text.endswith(MINUS):
        return "-", text[:-1].rstrip()
    if text.startswith("(") and text.endswith(")"):
        return "-", text[1:-1].strip()
    return "", text


def iso_time(cell: str, format: str, zones: Mapping[str, str] = NO_ZONES) -> str | None:
    """Return a date or time of a `strptime` format in ISO 8601; None if it does not fit.

    `%Z` is UTC, GMT, a North American abbreviation such as PDT, an IANA name, or one of `zones`; the time then has its
    offset. A format without a date has the time of day alone. `%p` may be `p.m.` too. Beside the hours of a whole day
    it says the same as they do: `01:05 PM` does not fit `%H:%M %p`, which would drop the half.
    """
    text, zone = cell.strip(), None
    if "%p" in format:
        text = HALF_OF_DAY.sub(r"\1M", text)
    if "%Z" in format.replace("%%", ""):
        if (name := _zone_name(text, zones)) is None or (zone := _zone(zones.get(name[0], name[0]))) is None:
            return None
        text, format = f"{text[: name.start()]}+0000{text[name.end() :]}", format.replace("%Z", "%z")
    try:
        at = datetime.strptime(text, format)
    except ValueError:
        return None
    if "%p" in format and "%H" in format and _twelve_hours(text, format) not in (None, at):
        return None
    if zone is not None:
        at = at.replace(tzinfo=zone)
    if not TIME_DIRECTIVES.search(format):
        return at.date().isoformat()
    return at.isoformat() if DATE_DIRECTIVES.search(format) else at.timetz().isoformat()


def _twelve_hours(text: str, format: str) -> datetime | None:
    """Return what a text is where its hours are those of a half day; None if they are not."""
    try:
        return datetime.strptime(text, format.replace("%H", "%I"))
    except ValueError:
        return None


def _zone_name(text: str, zones: Mapping[str, str]) -> re.Match[str] | None:
    """Return where a text has the name of a zone: one of `zones`, of which the longest counts, else a known one."""
    declared = _any_of(tuple(zones)).search(text) if zones else None
    return declared or ZONE_NAME.search(text)


@cache
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    found = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"(?<![A-Za-z/])(?:{found})(?![A-Za-z/])")


def _zone(name: str) -> tzinfo | None:
    """Return a time zone by its name or offset, None where there is none."""
    if (offset := zone_offset(name)) is not None:
        return timezone(offset)
    if name in ZONE_HOURS or name in UTC_NAMES:
        return timezone(timedelta(hours=ZONE_HOURS.get(name, 0)))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
