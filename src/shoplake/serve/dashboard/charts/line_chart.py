"""A line over days with the days before, as a Vega-Lite specification and its read-outs on hover."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 190, 52, 10, 12, 26
WIDE, NARROW = 700, 316
LABELS_WIDE, LABELS_NARROW = 8, 4
FONT_SIZE = 13
HALF_READ_OUT = 80
VALUE_LABEL = "abs(datum.value) < 1000 ? format(datum.value, ',~f') : replace(format(datum.value, '~s'), 'G', 'B')"
"""Labels such as 0.2, 250, 4k, 2M and 4B: SI's own would be 200m for 0.2 and 4G for billions."""


@dataclass(frozen=True)
class Point:
    """One period: its label, the value, that of the days before, and the words of the read-out.

    A value that is not known is None, and a gap in the line.
    """

    label: str
    now: float | None
    before: float | None = None
    read_out: tuple[str, ...] = ()
    is_unfinished: bool = False
    is_marked: bool = False
    band: tuple[float, float] | None = None
    """The least and the greatest value that is expected."""


@dataclass(frozen=True)
class LineChart:
    """A line chart with an accessible name."""

    name: str
    points: Sequence[Point]

    def spec(self, width: int) -> dict[str, Any]:
        """Return the Vega-Lite specification for a total width in pixels. Colours are CSS variables."""
        rows = [_row(place, point) for place, point in enumerate(self.points)]
        labels = LABELS_WIDE if width == WIDE else LABELS_NARROW
        return {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "width": width - LEFT - RIGHT,
            "height": HEIGHT,
            "padding": {"left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
            "autosize": "none",
            "background": None,
            "data": {"values": rows},
            "config": _config(),
            "encoding": {"x": self._x(labels)},
            "layer": self._layers(),
        }

    @property
    def _has_before(self) -> bool:
        return any(point.before is not None for point in self.points)

    def _value(self) -> dict[str, Any]:
        """Return the encoding of the values; a line that is zero everywhere is at the foot, not in the middle."""
        value = {"field": "now", "type": "quantitative", "axis": {"labelExpr": VALUE_LABEL, "tickCount": 4}}
        if any(point.now or point.before or point.band for point in self.points):
            return value
        return {**value, "axis": {"labelExpr": VALUE_LABEL, "values": [0]}, "scale": {"domain": [0, 1]}}

    def _x(self, labels: int) -> dict[str, Any]:
        step = max(1, -(-len(self.points) // labels))
        places = list(range(0, len(self.points), step))
        names = [self.points[place].label for place in places]
        axis = {"values": places, "labelExpr": f"{names!r}[indexof({places!r}, datum.value)]"}
        return {"field": "i", "type": "ordinal", "scale": {"type": "point", "padding": 0.5}, "axis": axis}

    def _layers(self) -> list[dict[str, Any]]:
        value = self._value()
        before = {"field": "before", "type": "quantitative"}
        layers: list[dict[str, Any]] = [{"mark": {"type": "area", "fill": "var(--area)"}, "encoding": {"y": value}}]
        if any(point.band for point in self.points):
            layers = [_band(value)]
        if self._has_before:
            line = {"type": "line", "stroke": "var(--before)", "strokeDash": [4, 3], "strokeWidth": 1.5}
            layers.append({"mark": line, "encoding": {"y": before}})
        layers.append({"mark": {"type": "line", "stroke": "var(--accent)", "strokeWidth": 2}, "encoding": {"y": value}})
        marks = (("flag", "var(--bad)", "var(--bad)"), ("open", "var(--card)", "var(--accent)"))
        for field, fill, stroke in marks:
            dot = {
                "type": "point",
                "fill": fill,
                "stroke": stroke,
                "strokeWidth": 2,
                "size": 50,
                "filled": True,
                "opacity": 1,
            }
            layers.append({"transform": [{"filter": f"datum.{field}"}], "mark": dot, "encoding": {"y": value}})
        return layers

    def interactive_spec(self) -> dict[str, Any]:
        """Return the specification for a browser: as wide as its place, with zoom and read-outs on every point."""
        rows = [{"i": n, "period": p.label, "now": p.now, "before": p.before} for n, p in enumerate(self.points)]
        names = json.dumps([point.label for point in self.points])
        axis = {"labelExpr": f"{names}[datum.value]", "tickMinStep": 1, "labelOverlap": True}
        shown = [{"field": "period"}, {"field": "now", "format": ",.2f"}, {"field": "before", "format": ",.2f"}]
        value = {"field": "now", "type": "quantitative", "axis": {"labelExpr": VALUE_LABEL}}
        before = {"type": "line", "stroke": "var(--before)", "strokeDash": [4, 3]}
        line = {"type": "line", "stroke": "var(--accent)", "strokeWidth": 2}
        dots = {"type": "point", "fill": "var(--accent)", "filled": True, "size": 60, "opacity": 1}
        return {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "width": "container",
            "height": 2 * HEIGHT,
            "background": None,
            "data": {"values": rows},
            "config": _config(),
            "encoding": {
                "x": {"field": "i", "type": "quantitative", "axis": axis, "scale": {"nice": False, "padding": 12}}
            },
            "layer": [
                *([{"mark": before, "encoding": {"y": {**value, "field": "before"}}}] if self._has_before else []),
                {"mark": line, "encoding": {"y": value}},
                {
                    "params": [{"name": "zoom", "select": "interval", "bind": "scales"}],
                    "mark": dots,
                    "encoding": {"y": value, "tooltip": shown},
                },
            ],
        }

    def read_outs(self, width: int) -> str:
        """Return SVG groups, one a period, that CSS shows while the pointer is over it; none on narrow screens."""
        if width == NARROW:
            return ""
        inner = width - LEFT - RIGHT
        step = inner / max(1, len(self.points))
        return "".join(self._read_out(place, step, width) for place in range(len(self.points)))

    def _read_out(self, place: int, step: float, width: int) -> str:
        point, left = self.points[place], LEFT + place * step
        middle = left + step / 2
        at = min(max(middle, LEFT + HALF_READ_OUT), width - RIGHT - HALF_READ_OUT)
        lines = "".join(
            f'<tspan x="{at:.0f}" dy="{16 if n else 0}">{escape(line)}</tspan>' for n, line in enumerate(point.read_out)
        )
        height = 16 * len(point.read_out) + 8
        return (
            f'<g class="ro"><rect x="{left:.1f}" y="{TOP}" width="{step:.1f}" height="{HEIGHT}"/>'
            f'<path d="M{middle:.1f} {TOP}V{TOP + HEIGHT}"/>'
            f'<g><rect x="{at - HALF_READ_OUT:.0f}" y="{TOP}" width="{2 * HALF_READ_OUT}" height="{height}" rx="5"/>'
            f'<text y="{TOP + 16}">{lines}</text></g></g>'
        )


def _row(place: int, point: Point) -> dict[str, Any]:
    row = {"i": place, "now": point.now, "before": point.before, "flag": point.is_marked, "open": point.is_unfinished}
    return row | dict(zip(("low", "high"), point.band, strict=True)) if point.band else row


def _band(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the layer of the bands; where a point has none there is a gap."""
    ends = {"y": {**value, "field": "low"}, "y2": {"field": "high"}}
    mark = {"type": "area", "fill": "var(--area)"}
    return {"transform": [{"filter": "isValid(datum.high)"}], "mark": mark, "encoding": ends}


def _config() -> dict[str, Any]:
    axis = {
        "labelFontSize": FONT_SIZE,
        "labelColor": "var(--muted)",
        "gridColor": "var(--line)",
        "domain": False,
        "ticks": False,
        "title": None,
        "labelPadding": 8,
    }
    along = {"grid": False, "labelAngle": 0, "labelBound": False, "labelFlush": False}
    return {"aria": False, "view": {"stroke": None}, "font": "sans-serif", "axis": axis, "axisX": along}
