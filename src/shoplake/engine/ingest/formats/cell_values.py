"""Numbers and times of cells, as a stream declares them, in the spelling that mappings read."""

from __future__ import annotations

import re
from datetime import datetime

NUMBERS = {
    decimal: re.compile(
        rf"([0-9]{{1,3}}([ '\u00a0\u202f{other}])[0-9]{{3}}(?:\2[0-9]{{3}})*|[0-9]+)([{decimal}][0-9]+)?"
    )
    for decimal, other in ((".", ","), (",", "."))
}
"""By decimal separator: a number without a sign, with thousands in groups and a fraction."""
TIME_DIRECTIVES = re.compile(r"%[HIMSfpXcsT]")


def plain_number(cell: str, decimal: str, symbol: str = "") -> str | None:
    """Return a number with a point and without groups of thousands; None if `cell` is none of that decimal separator.

    It may have the currency symbol `symbol` before or after it, once.

    >>> plain_number("1.234,50", ",")
    '1234.50'
    """
    sign, text = _split_sign(cell.strip())
    if symbol:
        text = (text.removeprefix(symbol) if text.startswith(symbol) else text.removesuffix(symbol)).strip()
        sign, text = (sign, text) if sign else _split_sign(text)
    match = NUMBERS[decimal].fullmatch(text)
    if match is None:
        return None
    whole = match[1].replace(match[2], "") if match[2] else match[1]
    return sign + whole + (match[3] or "").replace(",", ".")


def _split_sign(text: str) -> tuple[str, str]:
    """Split a text into a sign, which may be empty, and the rest."""
    return (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)


def iso_time(cell: str, format: str) -> str | None:
    """Return a date or time of a `strptime` format in ISO 8601; None if it does not fit."""
    try:
        at = datetime.strptime(cell.strip(), format)
    except ValueError:
        return None
    return at.isoformat() if TIME_DIRECTIVES.search(format) else at.date().isoformat()
