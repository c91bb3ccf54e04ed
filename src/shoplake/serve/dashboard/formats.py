"""Numbers, money, days and times as text. A missing value is an en dash."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from unicodedata import bidirectional

from shoplake.declare.currency import minor_digits

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Kind = Literal[
    "text", "count", "money", "percent", "number", "sum", "figure", "day", "month", "time", "seconds", "code"
]
MISSING = "–"
WHOLE = 100
"""A sum of money or of things is shown without decimals from here on, and where it has none."""
SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "CHF": "CHF ", "INR": "₹"}
SIZES: tuple[tuple[int, str], ...] = ((10**6, "M"), (10**9, "B"), (10**12, "T"))
"""Units of amounts too long for a tile."""
DIRECTIONS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that are not seen, and change the direction of others."""
RIGHT_TO_LEFT = ("R", "AL", "AN")
NUMERIC: tuple[Kind, ...] = ("count", "money", "percent", "number", "sum", "figure", "seconds")


def money_digits(value: Decimal | float, currency: str | None) -> int:
    """Return the decimals of an amount: those of its currency, but of three no more than the value has."""
    digits = minor_digits(currency)
    if digits < 3 or not isinstance(value, Decimal):
        return digits
    scale = value.as_tuple().exponent
    return digits if isinstance(scale, int) and scale <= -3 else 2


def format_money(
    value: Decimal | float | None,
    currency: str | None = None,
    *,
    decimals: int | None = None,
    has_symbol: bool = True,
) -> str:
    """Return an amount with the symbol or code of a currency before it, and by default with its number of decimals."""
    if value is None:
        return MISSING
    symbol = "" if currency is None or not has_symbol else SYMBOLS.get(currency, f"{currency} ")
    digits = money_digits(value, currency) if decimals is None else decimals
    text = f"{abs(value):,.{digits}f}"
    return f"{'−' if value < 0 else ''}{symbol}{text}"


def format_short_money(value: Decimal | float | None, currency: str | None = None) -> str:
    """Return an amount for a tile: with decimals below 1,000, from a million on as four digits and a unit."""
    amount = None if value is None else float(value)
    if amount is None or abs(amount) < SIZES[0][0]:
        return format_money(value, currency, decimals=None if amount is None or abs(amount) < 1000 else 0)
    fitting = [each for each in SIZES if round(abs(amount) / each[0], 1) < 1000]
    size, unit = (fitting or SIZES)[0 if fitting else -1]
    decimals = max(0, 4 - len(f"{abs(amount / size):.0f}"))
    return format_money(amount / size, currency, decimals=decimals) + unit


def format_percent(share: float | Decimal | None, decimals: int = 1) -> str:
    """Return a share of 1 as percent."""
    return MISSING if share is None else f"{float(share) * 100:,.{decimals}f} %".replace("-", "−")


def format_change(change: float | None) -> str:
    """Return a relative change with its sign."""
    if change is None:
        return MISSING
    percent = round(float(change) * 100, 1) + 0.0  # without the sign of a negative zero
    return f"{'+' if percent > 0 else ''}{percent:,.1f} %".replace("-", "−")


def format_day(day: date | None, *, year: bool = True) -> str:
    """Return a day as `3 Apr 2026`."""
    if day is None:
        return MISSING
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def format_range(start: date, end: date) -> str:
    """Return a range of days as `1–30 Apr 2026`, as short as it is clear."""
    if start == end:
        return format_day(start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{format_day(end)}"
    return f"{format_day(start, year=start.year != end.year)} – {format_day(end)}"


def format_time(at: datetime | None, zone: ZoneInfo) -> str:
    """Return a time in the shop's time zone as `3 Apr 2026 14:05`."""
    return MISSING if at is None else f"{at.astimezone(zone).day} {at.astimezone(zone):%b %Y %H:%M}"


def format_age(age: timedelta) -> str:
    """Return an age in the largest unit that fits."""
    minutes = max(0, int(age.total_seconds() // 60))
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count} {unit}{'s' if count > 1 else ''} old"
    return "under a minute old"


def _format_sum(value: Any) -> str:
    text = f"{value:,.0f}" if value == int(value) or abs(value) >= WHOLE else f"{value:,.2f}"
    return text.replace("-", "−")


def isolate(text: str) -> str:
    """Return a name that texts can stand beside: its direction is its own, and it overrides that of none.

    Without it, an override (U+202E) at the end of a name reverses the number after it.
    """
    plain = "".join(each for each in text if each not in DIRECTIONS)
    return f"\u2068{plain}\u2069" if any(bidirectional(each) in RIGHT_TO_LEFT for each in plain) else plain


def format_value(value: Any, kind: Kind, zone: ZoneInfo, currency: str | None = None) -> str:
    """Return a cell of a table as text; `currency` is that of money, which has its decimals."""
    if value is None or value == "":
        return MISSING
    if kind == "time" and isinstance(value, datetime):
        return format_time(value, zone)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    formats = {
        "count": lambda: f"{value:,.0f}",
        "money": lambda: format_money(value, currency, has_symbol=False),
        "percent": lambda: format_percent(value),
        "number": lambda: f"{value:,.2f}",
        "sum": lambda: _format_sum(value),
        "figure": lambda: f"{value:,.{0 if float(value).is_integer() else 3}f}".replace("-", "−"),
        "seconds": lambda: f"{value:,.1f} s",
        "day": lambda: format_day(value),
        "month": lambda: f"{value:%b %Y}",
    }
    return formats.get(kind, lambda: str(value).replace("_", " ") if kind == "text" else str(value))()


def guess_kind(name: str, value: Any) -> Kind:
    """Return how a column is shown, by its name and one of its values."""
    if isinstance(value, Decimal):
        return "number" if "weight" in name or name == "orders" else "money"
    if isinstance(value, datetime):
        return "time"
    if isinstance(value, date):
        return "day"
    if isinstance(value, bool):
        return "text"
    if isinstance(value, int):
        return "count"
    if isinstance(value, float):
        return "percent" if name.endswith(("rate", "share", "_change", "conversion", "ratio")) else "number"
    return "code"
