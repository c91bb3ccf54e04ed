"""Small charts in text."""

from __future__ import annotations

EIGHTHS = " ▏▎▍▌▋▊▉"
FULL = "█"


def bar(value: float, most: float, width: int = 20) -> str:
    """A bar as long as `value` is of `most`, to an eighth of a character; anything above 0 can be seen."""
    if value <= 0 or most <= 0:
        return ""
    eighths = max(1, round(8 * width * min(value / most, 1)))
    whole, rest = divmod(eighths, 8)
    return FULL * whole + (EIGHTHS[rest] if rest else "")
