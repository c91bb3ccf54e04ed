"""Numbers and times of cells, as a stream declares them, in the spelling that mappings read."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shoplake.declare.kinds.stream import ZONE_HOURS

if TYPE_CHECKING:
    from collections.abc import Sequence
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
            plain = iso_time(cell, stream.dates[name])
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


def iso_time(cell: str, format: str) -> str | None:
    """Return a date or time of a `strptime` format in ISO 8601; None if it does not fit.

    `%Z` is UTC, GMT, a North American abbreviation such as PDT, or an IANA name; the time then has its offset.
    """
    text, zone = cell.strip(), None
    if "%Z" in format.replace("%%", ""):
        if (name := ZONE_NAME.search(text)) is None or (zone := _zone(name[0])) is None:
            return None
        text, format = f"{text[: name.start()]}+0000{text[name.end() :]}", format.replace("%Z", "%z")
    try:
        at = datetime.strptime(text, format)
    except ValueError:
        return None
    if zone is not None:
        at = at.replace(tzinfo=zone)
    return at.isoformat() if TIME_DIRECTIVES.search(format) else at.date().isoformat()


def _zone(name: str) -> tzinfo | None:
    """Return a time zone by its name, None where there is none."""
    if "/" not in name:
        return timezone(timedelta(hours=ZONE_HOURS.get(name, 0)))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
