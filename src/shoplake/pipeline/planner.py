"""What a run has to build of a table: nothing, the slices that changed, or all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from shoplake.declare import History, Replace, Upsert
from shoplake.engine.write.row_diff import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.declare import Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine.write.delta_engine import DeltaEngine


@dataclass(frozen=True)
class Scope:
    """What a run is asked to do beyond what is new.

    `full` builds all tables again from bronze; `first` and `last` (shop-local days, both included) build those days
    again; `only` is a table, with a `+` behind it also all that depends on it.
    """

    full: bool = False
    first: date | None = None
    last: date | None = None
    only: str | None = None

    @property
    def has_days(self) -> bool:
        """Whether days are to be built again."""
        return self.first is not None or self.last is not None

    def holds(self, day: str) -> bool:
        """Whether a day, as text, is one of those to build again."""
        return self.has_days and str(self.first or date.min) <= day <= str(self.last or date.max)

    def is_near(self, day: str) -> bool:
        """Whether a day, as text, is one of those to build again, or the one before or after."""
        return any(self.holds(str(date.fromisoformat(day) + timedelta(days=days))) for days in (-1, 0, 1))

    def tables(self, catalog: Catalog) -> list[Table[...]]:
        """The tables to bring up to date, in order. Raises UnknownTable."""
        if self.only is None:
            return catalog.ordered
        chosen = {catalog[self.only.removesuffix("+")].name}
        if self.only.endswith("+"):
            for table in catalog.ordered:
                if chosen & set(table.reads):
                    chosen.add(table.name)
        return [table for table in catalog.ordered if table.name in chosen]


class Slices(NamedTuple):
    """The days to build; all of them if `days` is None.

    `since` is the version of the table that each row is made of after which rows were only added to it, and nothing
    else changed: then it is enough to add what those make.
    """

    days: frozenset[str] | None
    since: int | None = None


def slices(
    engine: DeltaEngine,
    catalog: Catalog,
    table: Table[...],
    done: Mapping[str, int | None],
    now: Mapping[str, int],
    scope: Scope,
    own: int | None = None,
) -> Slices:
    """Which days of a table differ after the tables it reads went from the versions `done` to those `now`.

    The days that `scope` asks for are among them. `own` is the table's own version when it was at `done`.
    """
    if scope.full or by_of(table) is None:
        return Slices(None)
    days = {day for day in days_from(engine, catalog, table, date.min) if scope.holds(day)}
    for name in now:
        since, upstream = done[name], catalog[name]
        if since == now[name]:
            continue
        found = None if since is None else _changed(engine, catalog, table, upstream, since)
        if found is None:
            return Slices(None)
        days |= found
    of = None if scope.has_days else table.each_of
    if of is None or {name for name in now if now[name] != done[name]} != {of} or own != engine.version(table):
        return Slices(frozenset(days))
    return Slices(frozenset(days), _if_only_added(engine, table, catalog[of], done[of]))


def _if_only_added(engine: DeltaEngine, table: Table[...], of: Table[...], since: int | None) -> int | None:
    """The version `since` which rows were only added to the table that each row is made of; None where others went.

    Where somebody else might add the same rows to `table` meanwhile, they are not added but put in place.
    """
    changes = None if since is None or not engine.place(table).has_one_writer else engine.changes(of, since)
    is_added = changes is not None and not changes.went and len(changes.partitions) <= AT_ONCE
    return since if is_added else None


def by_of(table: Table[...]) -> str | None:
    """The column whose values are the slices of a table; None for a table that is built whole."""
    if isinstance(table.write, Replace):
        return table.write.by
    return table.partition_by[0] if isinstance(table.write, Upsert) and table.write.slices else None


def fed(table: Table[...], feeds: Feeds) -> tuple[list[str], list[str]]:
    """The tables, no streams, that a table with streams reads too, and the feeds whose rows are made of those."""
    others = [name for name in table.reads if name not in table.streams] if table.streams else []
    return others, [feed.name for feed in feeds if set(others) & set(feed.kind.shapes.get(table.name, {}))]


def days_of(table: Table[...], upstream: Table[...]) -> tuple[str, str] | None:
    """The columns of `upstream` with the first and last slice of `table` a row matters to; None if it is read whole."""
    by, write = by_of(table), table.write
    if by is None or not isinstance(write, Replace | Upsert):
        return None
    named = write.slices.get(upstream.name, by)
    first, last = (named, named) if isinstance(named, str) else named
    return (first, last) if upstream.column(first) and upstream.column(last) else None


def partition_of(table: Table[...], upstream: Table[...]) -> str | None:
    """The column of `upstream` that both is a slice of `table` and a partition."""
    days = days_of(table, upstream)
    return days[0] if days is not None and days[0] == days[1] and days[0] in upstream.partition_by else None


def _changed(
    engine: DeltaEngine, catalog: Catalog, table: Table[...], upstream: Table[...], since: int
) -> set[str] | None:
    """The days on which a change of `upstream` shows in `table`; None if that cannot be told."""
    changes = engine.changes(upstream, since)
    if changes is None:
        return None
    if (day := partition_of(table, upstream)) is not None:
        return {value for value in changes.values(day) if value is not None}
    if (days := days_of(table, upstream)) is not None:
        return engine.changed_days(upstream, changes, *days)
    if isinstance(upstream.write, History):
        moment = engine.changed_from(upstream, changes)
        return set() if moment is None else days_from(engine, catalog, table, moment.date() - timedelta(days=1))
    return None


def days_from(engine: DeltaEngine, catalog: Catalog, table: Table[...], first: date) -> set[str]:
    """The days from `first` on that the table's partitioned inputs hold."""
    found: set[str] = set()
    for name in table.reads:
        if (day := partition_of(table, catalog[name])) is not None:
            found |= {value for value in engine.partitions(catalog[name], day) if value >= str(first)}
    return found
