"""What pages are built with: the generation, the state of the address, charts and the shop's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.serve.dashboard.blocks import Cell, Origin, Span, Table
from shoplake.serve.dashboard.formats import NUMERIC, Kind, format_age, format_change, format_time, format_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from shoplake.declare.metric import Direction
    from shoplake.serve.answers.query.answer import Answer, Meta
    from shoplake.serve.dashboard.charts.renderer import ChartRenderer
    from shoplake.serve.dashboard.page_state import PageState
    from shoplake.serve.store.generation import Generation

Row = dict[str, Any]
LONG = 60
"""Characters of a cell that is given room on narrow screens."""


@dataclass(frozen=True)
class Shown:
    """A column of a table on a page: `link` gives the address behind a cell, `bar` draws the value as one."""

    name: str
    label: str
    kind: Kind = "text"
    link: Callable[[Row], str | None] | None = None
    bar: bool = False
    good: Direction | None = None
    """For a relative change: the direction that is good."""


@dataclass(frozen=True)
class PageContext:
    """A request for a page; times are shown in `zone`, the shop's."""

    generation: Generation
    state: PageState
    charts: ChartRenderer
    zone: ZoneInfo
    now: datetime
    can_see_personal: bool = False

    def origin(self, meta: Meta) -> Origin:
        """Return what a block says of where its numbers come from."""
        at = format_time(meta.as_of, self.zone)
        return Origin(meta.table, meta.version, at, format_age(self.now - meta.as_of), meta.definition)

    def origin_of_run(self) -> tuple[str, str]:
        """Return when the run of this generation finished, and its age."""
        as_of = self.generation.as_of
        return format_time(as_of, self.zone), format_age(self.now - as_of)

    def table(
        self,
        title: str,
        answer: Answer,
        columns: Sequence[Shown],
        *,
        csv: str | None = None,
        note: str = "",
        more: tuple[str, str] | None = None,
        span: Span = "half",
        empty: str = "Nothing in this range.",
    ) -> Table:
        """Return a table of an answer's rows."""
        rows = answer.rows.to_pylist()
        most = {each.name: max((abs(row[each.name] or 0) for row in rows), default=0) for each in columns if each.bar}
        cells = [[self._cell(row, each, most.get(each.name)) for each in columns] for row in rows]
        numeric = frozenset(place for place, each in enumerate(columns) if each.kind in NUMERIC or each.good)
        headers = [each.label for each in columns]
        return Table(title, headers, cells, self.origin(answer.meta), numeric, csv, note, more, span, empty)

    def _cell(self, row: Row, shown: Shown, most: Any) -> Cell:
        value = row[shown.name]
        href = shown.link(row) if shown.link else None
        if shown.good is not None:
            return Cell(format_change(value), href, _verdict(value, shown.good))
        bar = float(abs(value or 0) / most) if most else None
        text = format_value(value, shown.kind, self.zone)
        style = "day" if shown.kind in ("day", "time") else "long" if len(text) > LONG else ""
        return Cell(text, href, style, bar)


def _verdict(change: float | None, good: Direction) -> str:
    if change is None or abs(change) < 0.0005 or good == "neither":
        return "same"
    return "good" if (change > 0) == (good == "up") else "bad"
