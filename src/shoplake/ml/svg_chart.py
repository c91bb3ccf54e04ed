"""Line charts as SVG text, for pages that load nothing from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT, MARGIN = 420, 280, 44
COLOURS = ("#1f83b4", "#d2691e", "#6a9a35", "#888888")
"""Readable on white and on black."""


@dataclass(frozen=True)
class Line:
    """A named line of points; `is_dashed` is for what is not measured."""

    name: str
    points: Sequence[Sequence[float]]
    is_dashed: bool = False


def line_chart(title: str, x_name: str, y_name: str, lines: Sequence[Line]) -> str:
    """Return a chart with both axes from 0 or the least value to the greatest, and a legend below."""
    xs = [point[0] for line in lines for point in line.points]
    ys = [point[1] for line in lines for point in line.points]
    left, right, low, high = min(xs), max(xs), min(0.0, *ys), max(ys)
    x_scale = (WIDTH - 2 * MARGIN) / ((right - left) or 1)
    y_scale = (HEIGHT - 2 * MARGIN) / ((high - low) or 1)

    def place(point: Sequence[float]) -> str:
        return f"{MARGIN + (point[0] - left) * x_scale:.1f},{HEIGHT - MARGIN - (point[1] - low) * y_scale:.1f}"

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT + 18 * len(lines)}" role="img" aria-label="{escape(title)}">',
        f'<text x="{MARGIN}" y="18" class="title">{escape(title)}</text>',
        f'<path d="M{MARGIN},{MARGIN - 8} V{HEIGHT - MARGIN} H{WIDTH - MARGIN}" class="axis"/>',
        _text(MARGIN, HEIGHT - MARGIN + 15, _number(left)),
        _text(WIDTH - MARGIN, HEIGHT - MARGIN + 15, _number(right), "end"),
        _text(MARGIN - 4, HEIGHT - MARGIN, _number(low), "end"),
        _text(MARGIN - 4, MARGIN, _number(high), "end"),
        _text(WIDTH / 2, HEIGHT - MARGIN + 30, x_name, "middle"),
        _text(MARGIN, MARGIN - 12, y_name),
    ]
    for number, line in enumerate(lines):
        colour, y = COLOURS[number % len(COLOURS)], HEIGHT + 18 * number
        dash = ' stroke-dasharray="5 4"' if line.is_dashed else ""
        path = " ".join(place(point) for point in line.points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        parts.append(f'<path d="M{MARGIN},{y} h24" stroke="{colour}" stroke-width="2"{dash}/>')
        parts.append(_text(MARGIN + 32, y + 4, line.name))
    return "\n".join([*parts, "</svg>"])


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(text)}</text>'


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2f}".rstrip("0").rstrip(".")
