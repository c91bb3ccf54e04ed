"""What changed in the inputs of one table since it last read them, and which of its partitions that touches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from shoplake.engine.state.state_store import Offset
from shoplake.engine.write.row_diff import MANY_PARTITIONS, MAX_PARTITIONS_PER_QUERY
from shoplake.engine.write.schema.partition_columns import date_range_columns, is_list_of_days, shared_partition
from shoplake.engine.write.table_plan import DateRange, FullRefresh, InputRange, Partitions, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shoplake.declare import Feeds, Table
    from shoplake.engine.ingest.file_registry import FileRegistry
    from shoplake.engine.protocol import ChangeReader


PARTITIONS_PER_REBUILT = 4
"""Partitions of a table for each that is rebuilt whole instead of by the keys that changed."""


@dataclass(frozen=True)
class InputChanges:
    """The inputs of one table: the versions and batches read so far, and those that are there now."""

    reader: ChangeReader
    catalog: Mapping[str, Table[...]]
    table: Table[...]
    offsets: Mapping[str, Offset]
    """How far the table has read each input; an input that it has not read yet is missing."""
    files: FileRegistry
    feeds: Feeds = ()

    def offset(self, name: str) -> Offset:
        """How far the table has read an input."""
        return self.offsets.get(name, Offset())

    def versions(self, names: Iterable[str]) -> tuple[InputRange, ...]:
        """Return the versions of inputs: the one read last and the current one."""
        return tuple(
            InputRange(name, self.offset(name), Offset(version=self.reader.version(self.catalog[name])))
            for name in names
        )

    def batches(self) -> tuple[tuple[InputRange, ...], tuple[str, ...]]:
        """Return the batches of the incremental inputs.

        First the range of each input, then the ids that are new in any of them.
        """
        ranges = self._batch_ranges()
        new = {id for each in ranges for id in self.files.batches_since(each.table, each.before.batch_id)}
        return ranges, tuple(sorted(new))

    def has_changed(self) -> bool:
        """Whether there is a batch or version of an input that the table has not read; what it changed is not asked."""
        others = [name for name in self.table.inputs if name not in self.table.incremental]
        return any(each.has_changed for each in (*self._batch_ranges(), *self.versions(others)))

    def _batch_ranges(self) -> tuple[InputRange, ...]:
        last = self.files.latest_batch(self.table.incremental)
        names = () if last is None else self.table.incremental
        return tuple(InputRange(name, self.offset(name), Offset(batch_id=last)) for name in names)

    def replaced_batches(self) -> set[str]:
        """Return the batches whose files replaced earlier contents of the same files."""
        return {new for name in self.table.incremental for _, new in self.files.superseded_files(name).values()}

    def fix_batches(self) -> set[str]:
        """Return the batches of corrected records."""
        return {batch for name in self.table.incremental for batch in self.files.fix_batches(name)}

    def table_fed_feeds(self) -> tuple[list[str], list[str]]:
        """Return the inputs of an incremental table that are not incremental.

        The second value has the feeds whose rows are made of them.
        """
        table = self.table
        others = [name for name in table.inputs if name not in table.incremental] if table.incremental else []
        return others, [feed.name for feed in self.feeds if set(others) & set(feed.kind.mappings.get(table.name, {}))]

    def changed_partitions(
        self, ranges: Iterable[InputRange], dates: DateRange | None = None
    ) -> FullRefresh | Partitions | Rows:
        """Return what differs in the table after its inputs changed, with the partitions in `dates`.

        `Rows` where rows were only added to the one-to-one input, and nothing else changed.
        """
        ranges, table = tuple(ranges), self.table
        if dates is None and all(self._has_same_rows(each) for each in ranges if each.has_changed):
            return Partitions(frozenset())
        if table.partition_column is None or (dates is not None and self._lists_days()):
            return FullRefresh()
        days = {day for day in self._days_since(date.min) if dates is not None and dates.includes(day)}
        changed = [each for each in ranges if each.has_changed]
        for each in changed:
            since = each.before.version
            touched = None if since is None else self._touched_partitions(self.catalog[each.table], since)
            if touched is None:
                return FullRefresh()
            days |= touched
        if dates is None and [each.table for each in changed] == [table.one_to_one_with] and days:
            (only,) = changed
            if only.before.own_version == self.reader.version(table) and self._only_added(only):
                return Rows(only.before.version or 0)
        return Partitions(frozenset(map(table.write.partition_of, days)))

    def few_partitions(self, changed: Iterable[InputRange]) -> Partitions | None:
        """Return the partitions that differ where the changed inputs share them, and these are at most a quarter.

        To find what differs in them would take longer than to rebuild them. None elsewhere.
        """
        changed, table = tuple(changed), self.table
        column = table.partition_column
        if column is None or not all(shared_partition(table, self.catalog[each.table]) for each in changed):
            return None
        action = self.changed_partitions(changed)
        if not isinstance(action, Partitions):
            return None
        stored = self.reader.partitions(table, column)
        return action if PARTITIONS_PER_REBUILT * len(action.values & stored) <= len(stored) else None

    def has_many_changes(self, name: str, since: int) -> bool:
        """Whether the changes of an input since a version are unknown, or in half of its partitions and many.

        A category that has another name changes every day of a shop's history: to read all of them twice, a few in each
        query, takes longer than to rebuild what is made of them.
        """
        upstream = self.catalog[name]
        diff = self.reader.commit_diff(upstream, since)
        if diff is None:
            return True
        count = len(diff.partitions) if upstream.partition_by else 0
        return count > MANY_PARTITIONS and 2 * count >= len(self.reader.partitions(upstream, upstream.partition_by[0]))

    def _has_same_rows(self, of: InputRange) -> bool:
        """Whether all commits to an input since it was read left its rows as they were: compactions and the like."""
        if of.before.version is None:
            return False
        diff = self.reader.commit_diff(self.catalog[of.table], of.before.version)
        return diff is not None and not diff.files

    def _lists_days(self) -> bool:
        """Whether a row of an input lists the days that it matters to, so that its partitions are not all of them."""
        upstreams = [self.catalog[name] for name in self.table.inputs]
        columns = [(each, date_range_columns(self.table, each)) for each in upstreams]
        return any(range is not None and is_list_of_days(each, range[0]) for each, range in columns)

    def _only_added(self, of: InputRange) -> bool:
        """Whether rows were only added to an input, and no other process can add the same rows to the table."""
        if of.before.version is None or not self.reader.location(self.table).is_single_writer:
            return False
        diff = self.reader.commit_diff(self.catalog[of.table], of.before.version)
        return diff is not None and not diff.removed and len(diff.partitions) <= MAX_PARTITIONS_PER_QUERY

    def _touched_partitions(self, upstream: Table[...], since: int) -> set[str] | None:
        """Return the days of the inputs in which a change of one shows; None if that is unknown."""
        diff = self.reader.commit_diff(upstream, since)
        if diff is None:
            return None
        if (column := shared_partition(self.table, upstream)) is not None:
            values = diff.values(column)
            return None if None in values else {value for value in values if value is not None}
        if (columns := date_range_columns(self.table, upstream)) is not None:
            dates = self.reader.changed_dates(upstream, diff, *columns)
            return None if dates is None else self._days(dates)
        if upstream.changelog is not None:
            at = self.reader.changed_since(upstream, diff)
            return set() if at is None else self._days_since(_day_before(at.date()))
        return None

    def _days(self, dates: Iterable[DateRange]) -> set[str]:
        """Return the days in some ranges; of a range without an end those that the partitioned inputs have."""
        parts = [self._days_since(each.start or date.min) if each.end is None else each.days() for each in dates]
        return set().union(*parts)

    def changed_dates(self, of: InputRange) -> DateRange | None:
        """Return the range of days that the changes of an input matter to; None if it is unknown.

        The range is empty, its end before its start, where nothing differs.
        """
        upstream, since = self.catalog[of.table], of.before.version
        columns = date_range_columns(self.table, upstream)
        diff = None if since is None else self.reader.commit_diff(upstream, since)
        if columns is None or diff is None:
            return None
        dates = self.reader.changed_dates(upstream, diff, *columns)
        return None if dates is None else reduce(or_, dates, DateRange(date.max, date.min))

    def _days_since(self, first: date) -> set[str]:
        """Return the days, from one on, that the partitioned inputs have."""
        return days_since(self.reader, self.catalog, self.table, first)


def _day_before(day: date) -> date:
    """Return the day before another one; of the first day of all, that day."""
    return day - timedelta(days=1) if day > date.min else day


def days_since(reader: ChangeReader, catalog: Mapping[str, Table[...]], table: Table[...], first: date) -> set[str]:
    """Return the days, from one on, that the partitioned inputs of a table have."""
    days: set[str] = set()
    for name in table.inputs:
        if (column := shared_partition(table, catalog[name])) is not None:
            days |= {value for value in reader.partitions(catalog[name], column) if value >= str(first)}
    return days
