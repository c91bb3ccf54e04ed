"""What a run has to build of a table: nothing, the slices that changed, or all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from shoplake.declare import Replace, Scd2, Upsert
from shoplake.engine import MAX_PARTITIONS_PER_QUERY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.declare import Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import DeltaEngine


@dataclass(frozen=True)
class RunSelection:
    """What a run is asked to do beyond what is new.

    `full` builds all tables again from bronze; `first` and `last` (shop-local days, both included) build those days
    again; `only` is a table, with a `+` behind it also all that depends on it.
    """

    full_refresh: bool = False
    start: date | None = None
    end: date | None = None
    select: str | None = None

    @property
    def has_dates(self) -> bool:
        """Whether days are to be built again."""
        return self.start is not None or self.end is not None

    def includes(self, day: str) -> bool:
        """Whether a day, as text, is one of those to build again."""
        return self.has_dates and str(self.start or date.min) <= day <= str(self.end or date.max)

    def is_adjacent(self, day: str) -> bool:
        """Whether a day, as text, is one of those to build again, or the one before or after."""
        return any(self.includes(str(date.fromisoformat(day) + timedelta(days=days))) for days in (-1, 0, 1))

    def tables(self, catalog: Catalog) -> list[Table[...]]:
        """The tables to bring up to date, in order. Raises UnknownTableError."""
        if self.select is None:
            return catalog.ordered
        chosen = {catalog[self.select.removesuffix("+")].name}
        if self.select.endswith("+"):
            for table in catalog.ordered:
                if chosen & set(table.inputs):
                    chosen.add(table.name)
        return [table for table in catalog.ordered if table.name in chosen]


class PartitionSet(NamedTuple):
    """The days to build; all of them if `days` is None.

    `since` is the version of the table that each row is made of after which rows were only added to it, and nothing
    else changed: then it is enough to add what those make.
    """

    days: frozenset[str] | None
    since: int | None = None


def changed_partitions(
    engine: DeltaEngine,
    catalog: Catalog,
    table: Table[...],
    done: Mapping[str, int | None],
    now: Mapping[str, int],
    scope: RunSelection,
    own: int | None = None,
) -> PartitionSet:
    """Which days of a table differ after the tables it reads went from the versions `done` to those `now`.

    The days that `scope` asks for are among them. `own` is the table's own version when it was at `done`.
    """
    if scope.full_refresh or partition_column(table) is None:
        return PartitionSet(None)
    days = {day for day in partitions_since(engine, catalog, table, date.min) if scope.includes(day)}
    for name in now:
        since, upstream = done[name], catalog[name]
        if since == now[name]:
            continue
        found = None if since is None else _changed(engine, catalog, table, upstream, since)
        if found is None:
            return PartitionSet(None)
        days |= found
    of = None if scope.has_dates else table.one_to_one_with
    if of is None or {name for name in now if now[name] != done[name]} != {of} or own != engine.version(table):
        return PartitionSet(frozenset(days))
    return PartitionSet(frozenset(days), _if_only_added(engine, table, catalog[of], done[of]))


def _if_only_added(engine: DeltaEngine, table: Table[...], of: Table[...], since: int | None) -> int | None:
    """The version `since` which rows were only added to the table that each row is made of; None where others went.

    Where somebody else might add the same rows to `table` meanwhile, they are not added but put in place.
    """
    changes = None if since is None or not engine.location(table).is_single_writer else engine.commit_diff(of, since)
    is_added = changes is not None and not changes.removed and len(changes.partitions) <= MAX_PARTITIONS_PER_QUERY
    return since if is_added else None


def partition_column(table: Table[...]) -> str | None:
    """The column whose values are the slices of a table; None for a table that is built whole."""
    if isinstance(table.write, Replace):
        return table.write.partition_by
    return table.partition_by[0] if isinstance(table.write, Upsert) and table.write.input_partitions else None


def table_fed_feeds(table: Table[...], feeds: Feeds) -> tuple[list[str], list[str]]:
    """The tables, no streams, that a table with streams reads too, and the feeds whose rows are made of those."""
    others = [name for name in table.inputs if name not in table.incremental] if table.incremental else []
    return others, [feed.name for feed in feeds if set(others) & set(feed.kind.mappings.get(table.name, {}))]


def date_range_columns(table: Table[...], upstream: Table[...]) -> tuple[str, str] | None:
    """The columns of `upstream` with the first and last slice of `table` a row matters to; None if it is read whole."""
    by, write = partition_column(table), table.write
    if by is None or not isinstance(write, Replace | Upsert):
        return None
    named = write.input_partitions.get(upstream.name, by)
    first, last = (named, named) if isinstance(named, str) else named
    return (first, last) if upstream.column(first) and upstream.column(last) else None


def shared_partition(table: Table[...], upstream: Table[...]) -> str | None:
    """The column of `upstream` that both is a slice of `table` and a partition."""
    days = date_range_columns(table, upstream)
    return days[0] if days is not None and days[0] == days[1] and days[0] in upstream.partition_by else None


def _changed(
    engine: DeltaEngine, catalog: Catalog, table: Table[...], upstream: Table[...], since: int
) -> set[str] | None:
    """The days on which a change of `upstream` shows in `table`; None if that cannot be told."""
    changes = engine.commit_diff(upstream, since)
    if changes is None:
        return None
    if (day := shared_partition(table, upstream)) is not None:
        return {value for value in changes.values(day) if value is not None}
    if (days := date_range_columns(table, upstream)) is not None:
        return engine.changed_days(upstream, changes, *days)
    if isinstance(upstream.write, Scd2):
        moment = engine.changed_since(upstream, changes)
        return set() if moment is None else partitions_since(engine, catalog, table, moment.date() - timedelta(days=1))
    return None


def partitions_since(engine: DeltaEngine, catalog: Catalog, table: Table[...], first: date) -> set[str]:
    """The days from `first` on that the table's partitioned inputs hold."""
    found: set[str] = set()
    for name in table.inputs:
        if (day := shared_partition(table, catalog[name])) is not None:
            found |= {value for value in engine.partitions(catalog[name], day) if value >= str(first)}
    return found
