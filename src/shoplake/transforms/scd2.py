"""Slowly changing dimensions, type 2, as one function.

The changes of a key are brought together and put in order by the engine; what follows from them is worked out a block
of keys at a time on Arrow columns.
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

from shoplake.transforms.sorted_groups import group_starts as first_of_key
from shoplake.transforms.sorted_groups import iter_groups, sort_within_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Scd2
    from shoplake.transforms.sorted_groups import Flags, Places

SAID, ALL = "_said", -1
"""A bit for each fact that a change says; all of them where it does not name any."""


def build_scd2(changes: DataFrame, key: Sequence[str], write: Scd2) -> DataFrame:
    """Every version of a key, true from `valid_from` up to, but not including, `valid_to`.

    A change that changes nothing makes no version; null to a value and back are changes. A deletion ends the version;
    a change after it begins one, of which only is known what that change says. Of several changes of a key at one
    moment the greatest by sequence counts, then a deletion, then the greatest by its other columns as text; those that
    say only some columns count each for its own. So the order of arrival does not matter.
    The version true now has no `valid_to`, and `is_current`. `valid_to_month` is the month of `valid_to`.
    """
    facts = tuple(name for name in changes.columns if name not in (*key, write.effective_at, *write.controls))
    by_key = sort_within_key(_with_said(changes, key, facts, write), key, [write.effective_at])
    types = {field.name: field.dataType.simpleString() for field in changes.schema}
    kept = ", ".join(f"`{name}` {types[name]}" for name in (*key, *facts))
    valid = ", ".join(f"{name} {types[write.effective_at]}" for name in ("valid_from", "valid_to"))
    told = by_key.mapInArrow(Scd2Builder(tuple(key), facts, write), f"{kept}, {valid}")
    return told.withColumns({"is_current": F.col("valid_to").isNull(), "valid_to_month": month("valid_to")})


def month(at: str) -> Column:
    """The first day of the month of a UTC time."""
    return F.trunc(F.col(at).cast("date"), "month")


def _with_said(changes: DataFrame, key: Sequence[str], facts: Sequence[str], write: Scd2) -> DataFrame:
    """The changes with `SAID`, the bits of the facts that a change says, in place of their names: cheaper to sort."""
    columns = [
        F.col(name) for name in (*key, *facts, write.effective_at, *write.controls) if name != write.changed_columns
    ]
    if write.changed_columns is None:
        return changes.select(*columns)
    is_said = [F.coalesce(F.array_contains(write.changed_columns, name), F.lit(False)) for name in facts]
    bits = [said.cast("bigint") * (1 << place) for place, said in enumerate(is_said)]
    said = F.when(F.col(write.changed_columns).isNull(), F.lit(ALL)).otherwise(reduce(add, bits))
    return changes.select(*columns, said.alias(SAID))


@dataclass(frozen=True)
class Scd2Builder:
    """Changes in order to versions, block by block."""

    key: tuple[str, ...]
    facts: tuple[str, ...]
    write: Scd2

    def __call__(self, blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The versions of the changes in `blocks`."""
        for changes in iter_groups(blocks):
            yield from self.versions(changes).to_batches()

    def versions(self, changes: pa.Table) -> pa.Table:
        """The versions of whole keys."""
        at = changes[self.write.effective_at]
        begins = first_of_key(changes)
        is_new = begins | _differs(changes, (self.write.effective_at,))
        alive, said = self._alive(changes), self._said(changes)
        turn = self._turn(changes, is_new, alive, said)
        alive, start, said = alive[turn], _last(begins), said[turn]
        here = np.flatnonzero(np.append(is_new[1:], True)[: len(is_new)])
        said_at = {name: _said_at(said >> place & 1 == 1, alive, start)[here] for place, name in enumerate(self.facts)}
        told = {name: np.where(where < 0, where, turn[where]) for name, where in said_at.items()}
        facts = pa.table({name: _take(changes[name], where) for name, where in told.items()})

        is_first = np.append(True, start[here][1:] != start[here][:-1])[: len(here)]
        was_alive = np.append(False, alive[here][:-1])[: len(here)] & ~is_first
        turns = (alive[here] != was_alive) | (alive[here] & _differs(facts, self.facts))
        kept = np.flatnonzero(turns)
        goes_on = np.append(start[here][kept][1:] == start[here][kept][:-1], False)[: len(kept)]
        until = np.where(goes_on, np.append(here[kept][1:], 0)[: len(kept)], -1)
        alive_too = alive[here][kept]
        place = kept[alive_too]
        cells = {name: changes[name].take(pa.array(here[place])) for name in self.key}
        cells |= {name: facts[name].take(pa.array(place)) for name in self.facts}
        cells |= {"valid_from": at.take(pa.array(here[place])), "valid_to": _take(at, until[alive_too])}
        return pa.table(cells)

    def _turn(self, changes: pa.Table, is_new: Flags, alive: Flags, said: Places) -> Places:
        """Which change comes when; of one moment, where it matters which comes last, the one that counts does."""
        places, undecided = np.arange(changes.num_rows), self._undecided(is_new, alive, said)
        if not len(undecided):
            return places
        rows = changes.drop_columns(list(self.key)).take(pa.array(undecided))
        order = {"moment": pa.array(np.cumsum(is_new)[undecided])}
        if self.write.sequence_by:
            order["sequence"] = rows[self.write.sequence_by]
        order["is_deletion"] = pa.array(~alive[undecided]).cast(pa.int8())
        order["is_partial"] = pa.array(said[undecided] != ALL).cast(pa.int8())
        texts = {f"said {name}": rows[name].cast(pa.string()) for name in self.facts}
        nulls_last = [(name, "descending") for name in (*order, *texts)]
        last_first = pc.sort_indices(pa.table(order | texts), sort_keys=nulls_last)
        places[undecided] = undecided[last_first.to_numpy()[::-1]]
        return places

    def _undecided(self, is_new: Flags, alive: Flags, said: Places) -> Places:
        """The changes of the moments at which two say the same fact, or one is a deletion and not alone."""
        begins = np.flatnonzero(is_new)
        said = np.where(said == ALL, (1 << len(self.facts)) - 1, said)
        is_twice = np.add.reduceat(said, begins) != np.bitwise_or.reduceat(said, begins)
        has_others = np.diff(np.append(begins, len(said))) > 1
        is_open = is_twice | (has_others & ~np.logical_and.reduceat(alive, begins))
        return np.flatnonzero(is_open[np.cumsum(is_new) - 1])

    def _alive(self, changes: pa.Table) -> Flags:
        """Whether a change leaves its key in being."""
        if self.write.operation is None:
            return np.ones(changes.num_rows, dtype=bool)
        return ~_flags(pc.equal(changes[self.write.operation], "delete"))

    def _said(self, changes: pa.Table) -> Places:
        """The bits of the facts that each change says."""
        return np.asarray(changes[SAID].to_numpy()) if self.write.changed_columns else np.full(changes.num_rows, ALL)


def _said_at(said: Flags, alive: Flags, start: Places) -> Places:
    """For each change where the fact it leaves behind was said; -1 where it was not, or is forgotten."""
    places = _last(said | ~alive, never=-1)
    return np.where((places >= start) & alive[places], places, -1)


def _last(flags: Flags, never: int = 0) -> Places:
    """For each place the last one up to it where the flag is set."""
    return np.maximum.accumulate(np.where(flags, np.arange(len(flags)), never))


def _differs(rows: pa.Table, names: Sequence[str]) -> Flags:
    """Whether a row differs from the one before it in any of the columns; null differs from a value. The first does."""
    differs = np.zeros(rows.num_rows, dtype=bool)
    differs[:1] = True
    for name in names:
        column = rows[name].combine_chunks()
        later, sooner = column.slice(1), column.slice(0, max(len(column) - 1, 0))
        is_null = _flags(column.is_null())
        differs[1:] |= _flags(pc.not_equal(later, sooner)) | (is_null[1:] != is_null[:-1])
    return differs


def _flags(found: Any) -> Flags:
    """Whether, with null as no."""
    return np.array(pc.fill_null(found, False).to_numpy(zero_copy_only=False), dtype=bool)


def _take(column: Any, places: Places) -> Any:
    """The values at those places; null for -1."""
    return column.take(pa.array(places, mask=places < 0))
