"""Bar charts in text."""

from __future__ import annotations

EIGHTHS = " ▏▎▍▌▋▊▉"
FULL = "█"


def bar(value: float, maximum: float, width: int = 20) -> str:
    """Draw a bar of `value` on a scale up to `maximum`, to an eighth of a character; a value above 0 is visible."""
    if value <= 0 or maximum <= 0:
        return ""
    eighths = max(1, round(8 * width * min(value / maximum, 1)))
    whole, rest = divmod(eighths, 8)
    return FULL * whole + (EIGHTHS[rest] if rest else "")
