"""What pages are built with: the generation, the state of the address, charts and the shop's clock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shoplake.serve.answers.sales import SalesQuery, sales
from shoplake.serve.dashboard.blocks import Cell, Origin, Span, Table
from shoplake.serve.dashboard.formats import (
    NUMERIC,
    Kind,
    format_age,
    format_change,
    format_time,
    format_value,
    isolate,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence, Set
    from datetime import datetime
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from shoplake.declare.metric import Direction
    from shoplake.serve.answers.query.answer import Answer, Meta
    from shoplake.serve.dashboard.charts.renderer import ChartRenderer
    from shoplake.serve.dashboard.page_state import PageState
    from shoplake.serve.store.generation import Generation

Row = dict[str, Any]
REPEATED_NAMES = """
    SELECT product_name FROM silver.products WHERE is_current AND feed = ?
    GROUP BY product_name HAVING count(DISTINCT product_id) > 1
"""
LONG = 40
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
    told_apart_by: str | None = None
    """The column whose value is added where several rows have the same text, such as products of one name."""
    repeated: Set[Any] = frozenset()
    """Texts that others have too, though not in these rows."""


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

    def product_column(self, name: str = "product_name", id: str = "product_id") -> Shown:
        """Return a column of products with links to their pages; one whose name others have is named with its id."""

        def link(row: Row) -> str:
            return self.state.link(f"/products/{quote(row[id], safe='')}")

        return Shown(name, "Product", "code", link, told_apart_by=id, repeated=self._repeated_names)

    def product_title(self, name: str | None, id: str) -> str:
        """Return the heading of a product: its name, with its id where others have the name too."""
        if not (name or "").strip():
            return id
        return f"{isolate(str(name))} · {id}" if name in self._repeated_names else str(name)

    @cached_property
    def net_sales(self) -> Decimal | None:
        """Net sales of the range, as its days add up to."""
        query = SalesQuery(**self.state.money_scope, grain="total")
        total: Decimal | None = sales(self.generation, query).rows["net_sales"][0].as_py()
        return total

    @cached_property
    def _repeated_names(self) -> frozenset[str]:
        rows = self.generation.query(REPEATED_NAMES, [self.state.scope.feed]).to_pylist()
        return frozenset(row["product_name"] for row in rows)

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
        is_converted: bool = False,
    ) -> Table:
        """Return a table of an answer's rows; with `is_converted` it says which currency all money is converted to."""
        rows = answer.rows.to_pylist()
        most = {each.name: max((abs(row[each.name] or 0) for row in rows), default=0) for each in columns if each.bar}
        twice = {
            each.name: each.repeated | _ambiguous(rows, each.name, each.told_apart_by)
            for each in columns
            if each.told_apart_by
        }
        cells = [[self._cell(row, each, most.get(each.name), twice.get(each.name)) for each in columns] for row in rows]
        numeric = frozenset(place for place, each in enumerate(columns) if each.kind in NUMERIC or each.good)
        headers = [each.label for each in columns]
        if is_converted:
            note = " ".join(filter(None, (note, self._currency_note(rows))))
        return Table(title, headers, cells, self.origin(answer.meta), numeric, csv, note, more, span, empty)

    def _currency_note(self, rows: Sequence[Row]) -> str:
        """Return the one currency that all money is converted to, where the shop sells in several."""
        found = {row["currency"] for row in rows} - {None}
        if len(self.state.scope.currencies) < 2 or len(found) != 1:
            return ""
        return f"All currencies, in {found.pop()}."

    def _cell(self, row: Row, shown: Shown, most: Any, twice: Set[Any] | None = None) -> Cell:
        value = row[shown.name]
        href = shown.link(row) if shown.link else None
        if shown.good is not None:
            return Cell(format_change(value), href, _verdict(value, shown.good))
        bar = float(abs(value or 0) / most) if most else None
        text = format_value(value, shown.kind, self.zone, row.get("currency", self.state.scope.currency))
        if shown.told_apart_by and not str(value or "").strip():
            text = format_value(row[shown.told_apart_by], shown.kind, self.zone)
        elif twice and value in twice:
            text = f"{isolate(text)} · {row[str(shown.told_apart_by)]}"
        return Cell(text, href, _style(text, shown), bar)


def _style(text: str, shown: Shown) -> str:
    if shown.kind in ("day", "time"):
        return "day"
    if len(text) <= LONG:
        return ""
    return "name" if shown.told_apart_by else "long"


def _ambiguous(rows: Sequence[Row], name: str, key: str) -> set[Any]:
    """Return the values of a column that stand for several keys."""
    counts = Counter(value for value, _ in {(row[name], row[key]) for row in rows})
    return {value for value, count in counts.items() if count > 1}


def _verdict(change: float | None, good: Direction) -> str:
    if change is None or abs(change) < 0.0005 or good == "neither":
        return "same"
    return "good" if (change > 0) == (good == "up") else "bad"
