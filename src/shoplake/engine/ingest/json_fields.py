"""Which fields JSON records have, found in passing: by some records of each shape, not by parsing them all."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SAMPLE_ROWS = 1_024
"""Records at the head of each block whose fields are counted."""
FULL_SAMPLES = 8
"""Records of each number of fields that are looked at there; one of each where there are more than `MOST_COUNTS`."""
MOST_COUNTS = 16
"""Numbers of fields above which they depend on how many parts a record has, such as the items of an order."""
MOST_LARGER = 128
"""Records with more fields than usual that are looked at: all of them, or as many, evenly spread."""


def sample_fields(lines: pa.Array, seen: set[tuple[str, ...]]) -> tuple[pa.Array, pa.Array]:
    """For each line its field names, as a JSON array, if its shape is new, else null; and `duplicate_keys` where so.

    Not found are a shape behind the first `SAMPLE_ROWS` records of a block, or one that hides among more than
    `FULL_SAMPLES` records with as many fields, and a repeated key in a record with no more fields than usual, or among
    more than `MOST_LARGER` that have more. `seen` holds the shapes so far and grows.
    """
    names: list[str | None] = [None] * len(lines)
    problems: list[str | None] = [None] * len(lines)
    looked_at = lines[:SAMPLE_ROWS]
    for place in _worth_a_look(pc.count_substring(looked_at, '":').to_numpy(zero_copy_only=False)):
        keys, repeats = _keys(lines[int(place)].as_py())
        if repeats:
            problems[place] = "duplicate_keys"
        if keys is not None and keys not in seen:
            seen.add(keys)
            names[place] = json.dumps(keys, ensure_ascii=False)
    return pa.array(names, pa.string()), pa.array(problems, pa.string())


def _worth_a_look(counts: np.ndarray[Any, np.dtype[np.int64]]) -> list[int]:
    if not len(counts):
        return []
    values, sizes = np.unique(counts, return_counts=True)
    usual = values[np.argmax(sizes)]
    by_count = np.argsort(counts, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    most = FULL_SAMPLES if len(values) <= MOST_COUNTS else 1
    chosen = {
        int(each) for start, size in zip(starts, sizes, strict=True) for each in by_count[start:][: min(size, most)]
    }
    larger = np.flatnonzero(counts > usual)
    return sorted(chosen | set(larger[:: -(-len(larger) // MOST_LARGER) or 1].tolist()))


def _keys(text: str) -> tuple[tuple[str, ...] | None, bool]:
    """Return the names at the top of a record, None if it is no JSON object; of a lone surrogate in one, `?`.

    The second value says whether any object in it repeats a name.
    """
    repeats = False

    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal repeats
        made = dict(found)
        repeats = repeats or len(made) < len(found)
        return made

    try:
        output = json.loads(text, object_pairs_hook=pairs, parse_int=str)
    except (ValueError, RecursionError):
        return None, False
    if not isinstance(output, dict):
        return None, False
    return tuple(name.encode(errors="replace").decode() for name in output), repeats
