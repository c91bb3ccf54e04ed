"""Session windows: rows that span time are recomputed where new input touches them, such as sessions and carts."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pyspark.sql import functions as F

from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.modes.incremental import NOT_BUILT, REQUESTED, UNCHANGED
from shoplake.engine.write.modes.overwrite import PartitionChange
from shoplake.engine.write.modes.strategy import unsupported
from shoplake.engine.write.row_diff import MAX_PARTITIONS_PER_QUERY, differing_values
from shoplake.engine.write.table_plan import AllRows, FullRefresh, Sessions, TablePlan

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pyspark.sql import Column, DataFrame

    from shoplake.declare import SessionWindow, Table
    from shoplake.engine.write.input_changes import InputChanges
    from shoplake.engine.write.modes.strategy import RowSource
    from shoplake.engine.write.table_plan import Action, InputRange, RunSelection
    from shoplake.engine.write.table_writer import DeltaTableWriter

COVERED = "is_covered"
"""Whether a span lies within another one of its key, so that it is compared with no row."""


class SessionWindowStrategy:
    """Recomputes the rows that new input touches."""

    def plan(self, table: Table[...], inputs: InputChanges, selection: RunSelection) -> TablePlan:
        """Plan the sessions that changed input touches, or a full refresh where the changes are unknown."""
        name, ranges = table.qualified_name, inputs.versions(table.inputs)
        if selection.full_refresh:
            return TablePlan(name, (FullRefresh(),), ranges, REQUESTED)
        changed = [each.table for each in ranges if each.has_changed]
        if not changed and selection.dates is None:
            return TablePlan(name, (), ranges, UNCHANGED)
        if all(each.before.version is None for each in ranges):
            return TablePlan(name, (FullRefresh(),), ranges, NOT_BUILT)
        reason = f"{', '.join(changed)} changed." if changed else "Dates are requested."
        action = _changed_sessions(table, inputs, ranges, selection)
        if action is None:
            return TablePlan(name, (), ranges, f"{reason} No session differs.")
        if action == FullRefresh():
            reason = f"{reason} The rows that changed are unknown or many."
        return TablePlan(name, (action,), ranges, reason)

    def write(self, writer: DeltaTableWriter, action: Action, source: RowSource) -> WriteResult:
        """Recompute the sessions of the action, or overwrite the table."""
        if isinstance(action, FullRefresh | AllRows):
            return writer.overwrite_chunks(list(source.rows(action)), source.most_rows())
        if not isinstance(action, Sessions):
            raise unsupported(writer, action)
        mode, old = cast("SessionWindow", writer.table.write), writer.read()
        with writer.staging() as stage:
            changed = source.changed_input(action).where(mode.filter)
            spans = stage.materialize(touched_spans(old, changed, mode), "spans")
            if not stage.count("spans"):
                return WriteResult(0, 0)
            ends = stage.value_range("lo", "spans")[0], stage.value_range("hi", "spans")[1]
            rows = source.build(rows_within(source.all_input().where(mode.filter), spans, ends, mode))
            schema = writer.check(rows)
            touched = [day for day in stage.value_counts("by", "spans") if day is not None]
            change = session_change(old, stage.materialize(rows, "new", schema), spans, touched, writer.table)
            if not change.days:
                return WriteResult(0, 0)
            counts = stage.value_counts(mode.partition_by, "new")
            count, before = sum(counts[day] for day in change.days), writer.row_count()
            writer.overwrite_partitions(stage, change.rows, change.days, mode.partition_by)
            violations = stage.warning_counts(change.new)
        replaced = before + count - writer.row_count()
        return WriteResult(count, count, violations=violations, rows_replaced=replaced)


def _changed_sessions(
    table: Table[...], inputs: InputChanges, ranges: Sequence[InputRange], selection: RunSelection
) -> Sessions | FullRefresh | None:
    """Return the sessions that changes of the inputs touch; None if there are none.

    A full refresh where they are unknown, or where an input other than the events touches many days.
    """
    [events] = [each for each in ranges if each.table == table.incremental[0]]
    since = events.before.version
    if since is None or inputs.reader.commit_diff(inputs.catalog[events.table], since) is None:
        return FullRefresh()
    dates = selection.dates
    for other in ranges:
        if other is events or not other.has_changed:
            continue
        touched = inputs.changed_dates(other)
        if touched is None:
            return FullRefresh()
        if not touched.is_empty:
            days = inputs.reader.partitions(inputs.catalog[events.table], cast("SessionWindow", table.write).event_date)
            if sum(map(touched.includes, days)) > MAX_PARTITIONS_PER_QUERY:
                return FullRefresh()
            dates = touched if dates is None else dates | touched
    if dates is None and not events.has_changed:
        return None
    return Sessions(since, cast("SessionWindow", table.write).event_date, dates)


def touched_spans(old: DataFrame, changed: DataFrame, mode: SessionWindow) -> DataFrame:
    """Return the spans of time to recompute: `feed`, the key, `lo` and `hi` in µs since 1970, both included.

    `changed` is the input that was added or removed. A span reaches from the first to the last such input of a key on
    one day (UTC), or is that of an old row at most the gap away from it; then `by` is the partition of that row. Such
    a span may lie within the former (`is_covered`), as most do of a key with many rows on a day.
    """
    reach = mode.gap_s * 1_000_000
    moment = F.unix_micros(mode.event_time)
    ends = [F.min(moment).alias("_lo"), F.max(moment).alias("_hi")]
    own = changed.groupBy("feed", mode.key, F.col(mode.event_time).cast("date").alias("_day")).agg(*ends)
    own = own.select("feed", mode.key, "_lo", "_hi")
    first, last = _ends(own)
    starts, stops = F.unix_micros(mode.start), F.unix_micros(mode.end)
    reached = old.where((stops >= first - reach) & (starts <= last + reach))
    spans = reached.select(
        "feed", mode.key, starts.alias("lo"), stops.alias("hi"), F.col(mode.partition_by).alias("by")
    )
    is_near = (F.col("_lo") - reach <= F.col("hi")) & (F.col("_hi") + reach >= F.col("lo"))
    is_covered = F.max(((F.col("_lo") <= F.col("lo")) & (F.col("_hi") >= F.col("hi"))).cast("int")) == 1
    pairs = spans.join(own, on=["feed", mode.key], how="inner").where(is_near)
    near = pairs.groupBy("feed", mode.key, "lo", "hi", "by").agg(is_covered.alias(COVERED))
    nowhere = (F.lit(None).cast("date").alias("by"), (F.col("_lo") > F.col("_hi")).alias(COVERED))
    return near.unionAll(own.select("feed", mode.key, F.col("_lo").alias("lo"), F.col("_hi").alias("hi"), *nowhere))


def rows_within(rows: DataFrame, spans: DataFrame, ends: tuple[int, int], mode: SessionWindow) -> DataFrame:
    """Return the input rows in one of the spans, each once; `ends` are their least `lo` and their greatest `hi`."""
    moment = F.unix_micros(mode.event_time)
    first, last = (F.timestamp_micros(F.lit(end)).cast("date") for end in ends)
    near = rows.where(F.col(mode.event_date).between(F.date_sub(first, 1), F.date_add(last, 1)))
    is_within = (moment >= F.col("lo")) & (moment <= F.col("hi"))
    return near.join(_keyed(spans, mode), on=_is_same(mode) & is_within, how="semi")


def rows_outside(old: DataFrame, spans: DataFrame, mode: SessionWindow) -> DataFrame:
    """Return the old rows that overlap none of the spans."""
    return old.join(_keyed(spans, mode), on=_is_same(mode) & _overlaps(mode), how="anti")


def session_change(
    old: DataFrame, new: DataFrame, spans: DataFrame, touched: Collection[object], table: Table[...]
) -> PartitionChange:
    """Return what to write so that the `new` rows are all that overlap one of the spans.

    `touched` are the partitions of the spans, which have all old rows that overlap one.
    """
    mode = cast("SessionWindow", table.write)
    near = old.where(F.col(mode.partition_by).isin(list(touched)))
    overlapping = near.join(_keyed(spans, mode), on=_is_same(mode) & _overlaps(mode), how="semi")
    days = differing_values(overlapping, new, table.columns, F.col(mode.partition_by))
    is_changed = F.col(mode.partition_by).isin(days)
    written, remaining = new.where(is_changed), rows_outside(old.where(is_changed), spans, mode)
    names = [column.name for column in table.columns]
    return PartitionChange(days, written, remaining.select(*names).unionAll(written.select(*names)))


def _ends(own: DataFrame) -> tuple[int, int]:
    first, last = own.agg(F.min("_lo"), F.max("_hi")).collect()[0]
    return first or 0, last or 0


def _keyed(spans: DataFrame, mode: SessionWindow) -> DataFrame:
    """Return the spans that are compared: each row of a key is with each of them."""
    return spans.where(~F.col(COVERED)).select(F.col("feed").alias("_feed"), F.col(mode.key).alias("_key"), "lo", "hi")


def _is_same(mode: SessionWindow) -> Column:
    return (F.col("feed") == F.col("_feed")) & (F.col(mode.key) == F.col("_key"))


def _overlaps(mode: SessionWindow) -> Column:
    return (F.unix_micros(mode.start) <= F.col("hi")) & (F.unix_micros(mode.end) >= F.col("lo"))
