"""Removal effects of channels: how many conversions are lost without them, by a Markov chain of order 1.

Anderl, Becker, von Wangenheim and Schumann (2016), "Mapping the customer journey": paths run from a start over the
channels to a conversion or to none; a channel that is removed leads to none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

from shoplake.columns.schema import struct_type
from shoplake.transforms.known_columns import select_known
from shoplake.transforms.sorted_groups import ROW_NUMBER, group_starts, iter_groups, sort_within_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
START, CONVERSION, NONE = "(start)", "(conversion)", "(null)"
"""The states of a chain besides the channels."""
SEPARATOR = "\x1f"


def removal_effects(transitions: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """Return the removal effect of each channel from the number of transitions from state to state.

    The effect is the share of conversions that is lost without the channel: 0 for one that leads nowhere, 1 for one
    that every conversion passes. Without conversions all effects are 0.
    """
    states = sorted({state for pair in transitions for state in pair} - {CONVERSION, NONE, START})
    counts = np.zeros((len(states) + 1, len(states) + 1))
    converting, leaving = np.zeros(len(states) + 1), np.zeros(len(states) + 1)
    place = {state: number for number, state in enumerate([START, *states])}
    for (come_from, go_to), count in transitions.items():
        leaving[place[come_from]] += count
        if go_to == CONVERSION:
            converting[place[come_from]] += count
        elif go_to != NONE:
            counts[place[come_from], place[go_to]] += count
    base = np.maximum(leaving, 1)
    moves, converts = counts / base[:, None], converting / base
    whole = _conversion_rate(moves, converts)
    if whole <= 0:
        return dict.fromkeys(states, 0.0)
    return {state: _clip(1 - _conversion_rate(*_without(moves, converts, place[state])) / whole) for state in states}


def fit_removal_effects(transitions: DataFrame, key: Sequence[str]) -> DataFrame:
    """Return one row per group of `key` (texts) and channel: `effect`, and `weight`, the effects of a group to 1.

    `transitions` has `come_from`, `go_to` and their number `count` per group.
    """
    schema = ", ".join([*[f"{name} string" for name in key], "channel string", "effect double", "weight double"])
    ordered = sort_within_key(transitions.select(*key, "come_from", "go_to", "count"), key, ["come_from", "go_to"])
    names = tuple(key)

    def fit(blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for rows in iter_groups(blocks):
            yield from _fit_groups(rows, names).to_batches()

    known = select_known(ordered, (*key, "come_from", "go_to", "count", ROW_NUMBER))
    return known.mapInArrow(fit, struct_type(schema))


def _fit_groups(rows: pa.Table, key: tuple[str, ...]) -> pa.Table:
    group = np.cumsum(group_starts(rows)) - 1
    groups: dict[int, dict[tuple[str, str], float]] = {}
    names: dict[int, tuple[str, ...]] = {}
    for number, row in zip(group, rows.drop_columns([ROW_NUMBER]).to_pylist(), strict=True):
        groups.setdefault(int(number), {})[row["come_from"], row["go_to"]] = row["count"]
        names[int(number)] = tuple(row[name] for name in key)
    cells = [
        (*names[number], channel, effect, effect / (sum(effects.values()) or 1))
        for number, transitions in groups.items()
        for effects in [removal_effects(transitions)]
        for channel, effect in effects.items()
    ]
    types = [pa.string()] * (len(key) + 1) + [pa.float64()] * 2
    columns = list(zip(*cells, strict=True)) or [()] * len(types)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    return pa.table(dict(zip((*key, "channel", "effect", "weight"), arrays, strict=True)))


def _conversion_rate(moves: Floats, converts: Floats) -> float:
    """Return the chance of a conversion from the start."""
    chances = np.linalg.lstsq(np.eye(len(converts)) - moves, converts, rcond=None)[0]
    return float(chances[0])


def _without(moves: Floats, converts: Floats, place: int) -> tuple[Floats, Floats]:
    """Return the chain in which the state at `place` leads to no conversion."""
    moves, converts = moves.copy(), converts.copy()
    moves[place], converts[place] = 0, 0
    return moves, converts


def _clip(effect: float) -> float:
    return min(1.0, max(0.0, effect))
