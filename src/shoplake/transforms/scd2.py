"""Slowly changing dimensions, type 2 (Kimball).

The engine sorts the changes of each key; versions are computed on Arrow columns, one batch of keys at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import functions as F

from shoplake.columns.json import parse_written
from shoplake.columns.schema import struct_type
from shoplake.transforms.known_columns import select_known
from shoplake.transforms.sorted_groups import MIN_BATCH_ROWS, ROW_NUMBER, iter_groups, sort_within_key
from shoplake.transforms.sorted_groups import group_starts as group_starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Scd2
    from shoplake.transforms.sorted_groups import Flags, Positions

CHANGE_MASK, ALL = "_change_mask", -1
"""One bit for each column that a change sets; all bits where it names none."""


def build_scd2(
    changes: DataFrame, key: Sequence[str], write: Scd2, types: Mapping[str, str], arrived: str | None = None
) -> DataFrame:
    """Build all versions of each key, valid from `valid_from` up to, but not including, `valid_to`.

    A no-op change creates no version; null to a value and back are changes. A deletion ends the version; a change
    after it starts one with only the columns that this change sets. Of several changes of a key at one time the
    greatest by sequence wins, then by the column `arrived`, then a deletion, then the greatest by its other columns as
    text; partial changes apply column by column. Maps are compared as JSON. `arrived` is null where a change has a time
    of its own: then the result does not depend on the order of arrival. The current version has no `valid_to` and
    `is_current`. `valid_to_month` is the month of `valid_to`. `types` are those of the columns of `changes`, by name.
    """
    facts = tuple(name for name in types if name not in (*key, write.effective_at, *write.controls))
    maps = {name: type for name, type in types.items() if type.startswith("map<")}
    if maps:
        texts = changes.withColumns({name: F.to_json(name) for name in maps})
        versions = build_scd2(texts, key, write, {**types, **dict.fromkeys(maps, "string")}, arrived)
        return versions.withColumns({name: parse_written(name, type) for name, type in maps.items()})
    more = [] if arrived is None else [arrived]
    by_key = sort_within_key(_with_change_mask(changes, (*key, *more), facts, write), key, [write.effective_at])
    columns = ", ".join(f"`{name}` {types[name]}" for name in (*key, *facts))
    valid = ", ".join(f"{name} {types[write.effective_at]}" for name in ("valid_from", "valid_to"))
    needed = [name for name in types if name != write.changed_columns]
    masks = [CHANGE_MASK] if write.changed_columns else []
    known = select_known(by_key, [*needed, *more, *masks, ROW_NUMBER])
    versions = known.mapInArrow(Scd2Builder(tuple(key), facts, write, arrived), struct_type(f"{columns}, {valid}"))
    return versions.withColumns({"is_current": F.col("valid_to").isNull(), "valid_to_month": month("valid_to")})


def month(at: str) -> Column:
    """Return the first day of the month of the UTC time in the column `at`.

    Not by `trunc`: Sail computes that in nanoseconds, which end in 1677 and 2262, and fails for other years.
    """
    day = F.col(at).cast("date")
    return F.make_date(F.year(day), F.month(day), F.lit(1))


def _with_change_mask(changes: DataFrame, key: Sequence[str], facts: Sequence[str], write: Scd2) -> DataFrame:
    """Replace the names of the columns that a change sets by `CHANGE_MASK`, which is cheaper to sort."""
    columns = [
        F.col(name) for name in (*key, *facts, write.effective_at, *write.controls) if name != write.changed_columns
    ]
    if write.changed_columns is None:
        return changes.select(*columns)
    is_set = [F.coalesce(F.array_contains(write.changed_columns, name), F.lit(False)) for name in facts]
    bits = [flag.cast("bigint") * (1 << position) for position, flag in enumerate(is_set)]
    mask = F.when(F.col(write.changed_columns).isNull(), F.lit(ALL)).otherwise(reduce(add, bits))
    return changes.select(*columns, mask.alias(CHANGE_MASK))


@dataclass(frozen=True)
class Scd2Builder:
    """Builds versions from sorted changes, batch by batch."""

    key: tuple[str, ...]
    facts: tuple[str, ...]
    write: Scd2
    arrived: str | None = None
    min_batch_rows: int = MIN_BATCH_ROWS

    def __call__(self, blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the versions of the changes in `blocks`."""
        for changes in iter_groups(blocks, self.min_batch_rows):
            yield from self.versions(changes).to_batches()

    def versions(self, changes: pa.Table) -> pa.Table:
        """Return the versions of the changes of whole keys."""
        at = changes[self.write.effective_at]
        starts = group_starts(changes)
        is_new = starts | _differs(changes, (self.write.effective_at,))
        exists, mask = self._exists(changes), self._change_masks(changes)
        order_index = self._order(changes, is_new, exists, mask)
        exists, start, mask = exists[order_index], _last(starts), mask[order_index]
        ends = np.flatnonzero(np.append(is_new[1:], True)[: len(is_new)])
        set_at = {
            name: _last_set_at(mask >> position & 1 == 1, exists, start)[ends]
            for position, name in enumerate(self.facts)
        }
        sources = {name: np.where(where < 0, where, order_index[where]) for name, where in set_at.items()}
        facts = pa.table({name: _take(changes[name], where) for name, where in sources.items()})

        is_first = np.append(True, start[ends][1:] != start[ends][:-1])[: len(ends)]
        existed = np.append(False, exists[ends][:-1])[: len(ends)] & ~is_first
        is_change = (exists[ends] != existed) | (exists[ends] & _differs(facts, self.facts))
        changed = np.flatnonzero(is_change)
        continues = np.append(start[ends][changed][1:] == start[ends][changed][:-1], False)[: len(changed)]
        until = np.where(continues, np.append(ends[changed][1:], 0)[: len(changed)], -1)
        still_exists = exists[ends][changed]
        position = changed[still_exists]
        cells = {name: changes[name].take(pa.array(ends[position])) for name in self.key}
        cells |= {name: facts[name].take(pa.array(position)) for name in self.facts}
        cells |= {"valid_from": at.take(pa.array(ends[position])), "valid_to": _take(at, until[still_exists])}
        return pa.table(cells)

    def _order(self, changes: pa.Table, is_new: Flags, exists: Flags, mask: Positions) -> Positions:
        """Order the changes so that the winner of each time comes last."""
        positions, ties = np.arange(changes.num_rows), self._find_ties(is_new, exists, mask)
        if not len(ties):
            return positions
        rows = changes.drop_columns(list(self.key)).take(pa.array(ties))
        order = {"moment": pa.array(np.cumsum(is_new)[ties])}
        if self.write.sequence_by:
            order["sequence"] = rows[self.write.sequence_by]
        if self.arrived:
            order["arrived"] = rows[self.arrived]
        order["is_deletion"] = pa.array(~exists[ties]).cast(pa.int8())
        order["is_partial"] = pa.array(mask[ties] != ALL).cast(pa.int8())
        texts = {f"value {name}": rows[name].cast(pa.string()) for name in self.facts}
        nulls_last = [(name, "descending") for name in (*order, *texts)]
        last_first = pc.sort_indices(pa.table(order | texts), sort_keys=nulls_last)
        positions[ties] = ties[last_first.to_numpy()[::-1]]
        return positions

    def _find_ties(self, is_new: Flags, exists: Flags, mask: Positions) -> Positions:
        """Find the changes of times at which two set the same column, or one of several is a deletion."""
        starts = np.flatnonzero(is_new)
        mask = np.where(mask == ALL, (1 << len(self.facts)) - 1, mask)
        is_twice = np.add.reduceat(mask, starts) != np.bitwise_or.reduceat(mask, starts)
        has_others = np.diff(np.append(starts, len(mask))) > 1
        is_tied = is_twice | (has_others & ~np.logical_and.reduceat(exists, starts))
        return np.flatnonzero(is_tied[np.cumsum(is_new) - 1])

    def _exists(self, changes: pa.Table) -> Flags:
        """Whether the key exists after a change."""
        if self.write.operation is None:
            return np.ones(changes.num_rows, dtype=bool)
        return ~_flags(pc.equal(changes[self.write.operation], "delete"))

    def _change_masks(self, changes: pa.Table) -> Positions:
        """Return the bits of the columns that each change sets."""
        return (
            np.asarray(changes[CHANGE_MASK].to_numpy())
            if self.write.changed_columns
            else np.full(changes.num_rows, ALL)
        )


def _last_set_at(mask: Flags, exists: Flags, start: Positions) -> Positions:
    """Return the position of the change that last set a column, for each change; -1 where it is not set or deleted."""
    positions = _last(mask | ~exists, never=-1)
    return np.where((positions >= start) & exists[positions], positions, -1)


def _last(flags: Flags, never: int = 0) -> Positions:
    """Return for each position the last one up to it where the flag is set; `never` if there is none."""
    return np.maximum.accumulate(np.where(flags, np.arange(len(flags)), never))


def _differs(rows: pa.Table, names: Sequence[str]) -> Flags:
    """Flag rows that differ from the previous one in any column. Null differs from a value; the first row differs."""
    differs = np.zeros(rows.num_rows, dtype=bool)
    differs[:1] = True
    for name in names:
        column = rows[name].combine_chunks()
        later, sooner = column.slice(1), column.slice(0, max(len(column) - 1, 0))
        is_null = _flags(column.is_null())
        differs[1:] |= _flags(pc.not_equal(later, sooner)) | (is_null[1:] != is_null[:-1])
    return differs


def _flags(values: Any) -> Flags:
    """Convert an Arrow boolean array to flags with null as false."""
    return np.array(pc.fill_null(values, False).to_numpy(zero_copy_only=False), dtype=bool)


def _take(column: Any, positions: Positions) -> Any:
    """Take the values at those positions; null for -1."""
    return column.take(pa.array(positions, mask=positions < 0))
