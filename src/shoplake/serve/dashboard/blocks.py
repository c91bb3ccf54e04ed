"""What a page is made of. Templates show blocks; pages build them from answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Span = Literal["full", "wide", "half", "narrow"]
"""Columns of a block."""


@dataclass(frozen=True)
class Origin:
    """Where the numbers of a block come from."""

    table: str
    version: int
    as_of: str
    age: str
    definition: str


@dataclass(frozen=True)
class Cell:
    """One cell: its text, a link behind it, a CSS class, and how far a bar reaches (0 to 1)."""

    text: str
    href: str | None = None
    style: str = ""
    bar: float | None = None


@dataclass(frozen=True)
class Tile:
    """One number with its change since the days before; `verdict` is good, bad or same."""

    title: str
    value: str
    change: str
    verdict: str
    against: str
    definition: str
    origin: Origin
    href: str | None = None


@dataclass(frozen=True)
class Tiles:
    """Tiles in a row."""

    template: ClassVar[str] = "tiles"
    tiles: Sequence[Tile]
    span: Span = "full"


@dataclass(frozen=True)
class Table:
    """A table. `numeric` has the numbers of the columns that are aligned to the right."""

    template: ClassVar[str] = "table"
    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    origin: Origin
    numeric: frozenset[int] = frozenset()
    csv: str | None = None
    note: str = ""
    more: tuple[str, str] | None = None
    """Label and address of a page with more."""
    span: Span = "half"
    empty: str = "Nothing in this range."


@dataclass(frozen=True)
class Chart:
    """A chart in two widths, and the table of its numbers; `legend` has names by CSS class."""

    template: ClassVar[str] = "chart"
    title: str
    wide: str
    narrow: str
    table: Table
    legend: Sequence[tuple[str, str]] = ()
    span: Span = "wide"

    @property
    def origin(self) -> Origin:
        """Where its numbers come from."""
        return self.table.origin


@dataclass(frozen=True)
class Interactive:
    """A chart that the browser draws from a Vega-Lite specification, and the table of its numbers."""

    template: ClassVar[str] = "interactive"
    title: str
    spec: Mapping[str, Any]
    script: str
    table: Table
    legend: Sequence[tuple[str, str]] = ()

    @property
    def origin(self) -> Origin:
        """Where its numbers come from."""
        return self.table.origin


@dataclass(frozen=True)
class Step:
    """One bar of a funnel or breakdown: `share` of the longest, and that of the days before."""

    label: str
    value: str
    share: float
    detail: str = ""
    before: float | None = None
    href: str | None = None
    second: tuple[str, str] | None = None
    """A second number and its address, such as those who leave."""


@dataclass(frozen=True)
class Steps:
    """Bars below each other, in HTML."""

    template: ClassVar[str] = "steps"
    title: str
    steps: Sequence[Step]
    origin: Origin
    csv: str | None = None
    note: str = ""
    span: Span = "narrow"
    links: Sequence[tuple[str, str, bool]] = ()
    """Ways to split: label, address, whether it is the current one."""
    empty: str = "Nothing in this range."


@dataclass(frozen=True)
class Heat:
    """A heat map: row headers and cells, each with a level from 0 to 9, or hatched where its time is not over."""

    template: ClassVar[str] = "heat"
    title: str
    corner: str
    headers: Sequence[str]
    rows: Sequence[tuple[str, str, Sequence[Cell]]]
    origin: Origin
    csv: str | None = None
    note: str = ""
    span: Span = "half"
    links: Sequence[tuple[str, str, bool]] = ()
    empty: str = "No customer has ordered yet."


@dataclass(frozen=True)
class Facts:
    """Names and values about one thing."""

    template: ClassVar[str] = "facts"
    title: str
    facts: Sequence[tuple[str, str]]
    origin: Origin
    csv: str | None = None
    note: str = ""
    span: Span = "half"


@dataclass(frozen=True)
class Stack:
    """Blocks below each other in half of the width."""

    template: ClassVar[str] = "stack"
    blocks: Sequence[Table | Chart | Steps | Heat | Facts]


@dataclass(frozen=True)
class Page:
    """A page: its title and blocks; `has_range` shows the form with the days, `has_feed` that of feeds alone."""

    name: str
    title: str
    blocks: Sequence[Tiles | Table | Chart | Interactive | Steps | Heat | Facts | Stack]
    has_range: bool = True
    has_feed: bool = False
    period: str = ""
    """Which days a page is about that has no form for them."""
    notices: Sequence[str] = field(default=())
    """What to know, or to do, before any number is read."""
