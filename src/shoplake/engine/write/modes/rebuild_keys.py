"""Replace by keys: the rows of the keys that changed input rows belong to are recomputed, and only these."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.row_diff import (
    MAX_PARTITIONS_PER_QUERY,
    differing_partitions,
    differing_values,
)
from shoplake.engine.write.schema.partition_columns import date_range_columns, is_of_partitions
from shoplake.engine.write.shared_inputs import count_reads
from shoplake.engine.write.table_plan import Keys, Partitions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame

    from shoplake.declare import RebuildKeys, Table
    from shoplake.engine.write.input_changes import InputChanges
    from shoplake.engine.write.modes.strategy import RowSource
    from shoplake.engine.write.staging.staging_area import StagingArea
    from shoplake.engine.write.table_plan import InputRange
    from shoplake.engine.write.table_writer import DeltaTableWriter

KEYS = "keys"
"""Name of the staged keys."""
MAX_READS = 2
"""Times that a plan may read an input on average for its rows not to be staged."""
MAX_PARTS = 4
"""Parts of the changed rows that one query unites; of more, each is computed on its own."""
PRUNE_ABOVE_PARTITIONS = 16
"""Partitions of a table above which it pays to ask which of them can differ: that is a query for some inputs."""


def changed_keys(
    keys: RebuildKeys,
    inputs: InputChanges,
    changed: Sequence[InputRange],
    prune_above_partitions: int = PRUNE_ABOVE_PARTITIONS,
) -> Keys | None:
    """Return the keys to recompute; None where changes of an input are unknown, many, without keys, or of many days."""
    since = []
    for each in changed:
        version = each.before.version
        has_keys = each.table in keys.inputs or each.table in keys.finders
        if version is None or not has_keys or inputs.has_many_changes(each.table, version):
            return None
        if each.table in keys.finders and _touches_many_days(inputs, each):
            return None
        since.append((each.table, version))
    return Keys(tuple(since), _touched_partitions(inputs, changed, prune_above_partitions))


def _touched_partitions(
    inputs: InputChanges, changed: Sequence[InputRange], prune_above_partitions: int
) -> frozenset[str] | None:
    """Return the partitions that changed input rows matter to; None unless all of these inputs say it.

    None, too, of a table with few partitions.
    """
    table = inputs.table
    if not table.partition_by or table.partition_by[0] != table.partition_column:
        return None
    if not all(date_range_columns(table, inputs.catalog[each.table]) for each in changed):
        return None
    if len(inputs.reader.partitions(table, table.partition_by[0])) <= prune_above_partitions:
        return None
    action = inputs.changed_partitions(changed)
    return action.values if isinstance(action, Partitions) else None


def _touches_many_days(inputs: InputChanges, of: InputRange) -> bool:
    """Whether a lookup without partitions changed for so many days that their partitions are rebuilt whole.

    Those are more than one query can name, or half of those of a table that has more than a few.
    """
    column = inputs.table.partition_column
    if column is None or inputs.catalog[of.table].partition_by:
        return False
    dates = inputs.changed_dates(of)
    if dates is None or dates.is_empty:
        return False
    partitions = inputs.reader.partitions(inputs.table, column)
    touched = sum(map(dates.includes, partitions))
    is_half = len(partitions) > PRUNE_ABOVE_PARTITIONS and 2 * touched >= len(partitions)
    return is_half or touched > MAX_PARTITIONS_PER_QUERY


def write_keys(writer: DeltaTableWriter, keys: RebuildKeys, action: Keys, source: RowSource) -> WriteResult:
    """Recompute the rows of the keys, and overwrite the partitions, or the table, in which they differ.

    Of inputs and table only the rows that matter to the action's partitions are read.
    """
    pruned = {} if action.partitions is None else source.pruned(Partitions(action.partitions))
    all_rows = {name: pruned[name] if name in pruned else source.read(name) for name in _inputs_read(keys)}
    scattered = [source.scattered(rows) for name, rows in all_rows.items() if name not in pruned]
    with writer.staging() as stage:
        all_rows |= writer.stage_inputs(
            stage, all_rows, {name: key for keys in scattered for name, key in keys.items()}
        )
        parts = list(_find_keys(keys, action, source, all_rows, stage))
        if not parts:
            return WriteResult(0, 0)
        found = stage.materialize_union(parts) if len(parts) > MAX_PARTS else reduce(_union, parts)
        chosen = stage.materialize(found.distinct(), KEYS)
        if not stage.count(KEYS):
            return WriteResult(0, 0)
        rows = _build_rows(keys, source, all_rows, pruned, chosen, stage)
        schema = writer.check(rows)
        new = stage.materialize(_in_partitions(rows, writer.table, action), "new", schema)
        old = _in_partitions(writer.read(), writer.table, action)
        if action.partitions is None:
            old = _near_keys(writer, keys, chosen, old, new)
        return _replace_rows(writer, keys, action, chosen, old, new, stage)


def _build_rows(
    keys: RebuildKeys,
    source: RowSource,
    all_rows: Mapping[str, DataFrame],
    pruned: Mapping[str, DataFrame],
    chosen: DataFrame,
    stage: StagingArea,
) -> DataFrame:
    """Return the table's rows of the keys.

    The input rows of the keys are staged where a plan reads inputs several times, which then opens few files. Where it
    reads each once or twice, it reads them where they are, and of wide rows no more columns than it needs.
    """
    inputs = {name: _of_keys(all_rows[name], chosen, keys, columns) for name, columns in keys.inputs.items()}
    rows = source.build_from({**pruned, **inputs})
    if count_reads(rows, stage.path(KEYS)) <= MAX_READS * len(inputs):
        return rows
    staged = {name: stage.materialize(input_rows, f"input-{name}") for name, input_rows in inputs.items()}
    return source.build_from({**pruned, **staged})


def _inputs_read(keys: RebuildKeys) -> list[str]:
    """Return the inputs of which rows of keys are read, and those that finders read."""
    return list(dict.fromkeys([*keys.inputs, *(name for each in keys.finders.values() for name in each.reads)]))


def _in_partitions(rows: DataFrame, table: Table[...], action: Keys) -> DataFrame:
    """Return the rows of the table's partitions that can differ, and are not left as they are."""
    if action.left:
        rows = rows.where(~is_of_partitions(table, action.left))
    if action.partitions is None:
        return rows
    days = [F.lit(day).cast("date") for day in sorted(action.partitions)]
    return rows.where(F.col(table.partition_by[0]).isin(days))


def _near_keys(
    writer: DeltaTableWriter, keys: RebuildKeys, chosen: DataFrame, old: DataFrame, new: DataFrame
) -> DataFrame:
    """Return the rows of the partitions that have or get rows of the keys; only key and partition tell which.

    All rows of a table with few partitions, or where many of them or one of null have such rows.
    """
    table = writer.table
    column = next(iter(table.partition_by), None)
    if column is None or len(writer.tables.partitions(table, column)) <= PRUNE_ABOVE_PARTITIONS:
        return old
    narrow = writer.tables.read_sooner(table).select(*dict.fromkeys((*keys.columns, column)))
    having = _of_keys(narrow, chosen, keys, keys.columns).select(column)
    values = [row[0] for row in having.unionAll(new.select(column)).distinct().collect()]
    if None in values or len(values) > MAX_PARTITIONS_PER_QUERY:
        return old
    return old.where(F.col(column).isin([F.lit(value) for value in sorted(values)]))


def _find_keys(
    keys: RebuildKeys, action: Keys, source: RowSource, all_rows: Mapping[str, DataFrame], stage: StagingArea
) -> Iterator[DataFrame]:
    """Yield the keys of the rows that changed, for each input and in parts."""
    for name, version in action.since:
        if (columns := keys.inputs.get(name)) is not None:
            for rows in source.changed(name, version, columns):
                cells = zip(columns, keys.columns, strict=True)
                yield rows.select(*[F.col(of).alias(to) for of, to in cells])
            continue
        finder = keys.finders[name]
        others = [all_rows[each] for each in finder.reads]
        for number, rows in enumerate(source.changed(name, version, finder.columns)):
            changed = stage.materialize(rows, f"{name}-{number}")
            if stage.count(f"{name}-{number}"):
                yield finder.find(changed, *others).select(*keys.columns)


def _replace_rows(
    writer: DeltaTableWriter,
    keys: RebuildKeys,
    action: Keys,
    chosen: DataFrame,
    old: DataFrame,
    new: DataFrame,
    stage: StagingArea,
) -> WriteResult:
    """Put the new rows of the keys in the place of the old ones, in one commit; none where they are the same."""
    table, names = writer.table, [column.name for column in writer.table.columns]
    old, new = old.select(*names), new.select(*names)
    days = _differing(_of_keys(old, chosen, keys, keys.columns), new, table)
    if days is not None and not days:
        return WriteResult(0, 0)
    before = writer.row_count()
    parts = None if days is None or None in days else sorted(days)
    is_changed = F.lit(True) if parts is None else F.col(table.partition_by[0]).cast("string").isin(parts)
    kept = _of_keys(old.where(is_changed), chosen, keys, keys.columns, how="anti")
    if action.left:
        left = writer.read().where(is_of_partitions(table, action.left) & is_changed)
        kept = kept.unionAll(left.select(*names))
    rows = kept.unionAll(writer.with_stored_types(new.where(is_changed), old))
    if parts is None:
        writer.overwrite(writer.checked(stage, rows))
    else:
        writer.overwrite_partitions(stage, rows, parts, table.partition_by[0])
    count, written = writer.row_count(), stage.count("new")
    return WriteResult(written, written, violations=stage.warning_counts(new), rows_replaced=before + written - count)


def _union(one: DataFrame, other: DataFrame) -> DataFrame:
    return one.unionAll(other)


def _differing(old: DataFrame, new: DataFrame, table: Table[...]) -> list[str] | None:
    """Return the partitions that have a differing row; None where all of a table without partitions differs."""
    if not table.partition_by:
        return None if differing_values(old, new, table.columns) else []
    return differing_partitions(old, new, table.columns, table.partition_by[0])


def _of_keys(
    rows: DataFrame, chosen: DataFrame, keys: RebuildKeys, columns: Sequence[str], how: str = "semi"
) -> DataFrame:
    """Return the rows of the keys, or with `anti` all others; `columns` are those of `rows` with the key."""
    cells = [F.col(name).alias(f"_key_{number}") for number, name in enumerate(keys.columns)]
    is_same = [F.col(name) == F.col(f"_key_{number}") for number, name in enumerate(columns)]
    return rows.join(chosen.select(*cells), on=reduce(and_, is_same), how=how)
