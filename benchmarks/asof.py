"""Point-in-time enrichment by shoplake on Sail and by DuckDB's ASOF JOIN, in turns, each run a process of its own.

What was true of each event's product, of changes of single properties as Retailrocket publishes them: read CSV, keep
the three properties that matter, carry each forward, join, write Parquet.

Example: `python benchmarks/asof.py --rounds 5`
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
from duel import DATA, in_turns, record

if TYPE_CHECKING:
    from pathlib import Path

ITEMS, CATEGORIES, WEEK_MS, START_MS = 235_000, 1_700, 7 * 86_400_000, 1_430_600_000_000
SHARES = {"categoryid": 0.039, "available": 0.074, "790": 0.088}
"""Share of the published property rows; the others are of a thousand unused properties."""
ANSWER = """
    SELECT count(*), count(category), count(parent), count_if(available), sum(price), count(price)
    FROM read_parquet('{}')
"""


def landing(events: int, changes: int) -> Path:
    """Write events and property changes as CSV, once."""
    folder = DATA / f"asof-{events}-{changes}"
    if not (folder / "category_tree.csv").exists():
        folder.mkdir(parents=True, exist_ok=True)
        chance = np.random.default_rng(1)
        _events(chance, events, folder / "events.csv")
        _changes(chance, changes, folder / "item_properties.csv")
        ids = np.arange(CATEGORIES)
        pc.write_csv(pa.table({"categoryid": ids, "parentid": ids // 7}), folder / "category_tree.csv")
    return folder


def _events(chance: np.random.Generator, count: int, file: Path) -> None:
    """Few items have many of the events."""
    items = chance.permutation(ITEMS)[np.minimum(chance.pareto(0.9, count) * 50, ITEMS - 1).astype(int)]
    at = np.sort(chance.integers(0, 20 * WEEK_MS, count)) + START_MS
    kinds = np.array(["view", "addtocart", "transaction"])[chance.choice(3, count, p=[0.967, 0.025, 0.008])]
    visitors = chance.integers(0, count // 2, count)
    pc.write_csv(pa.table({"timestamp": at, "visitorid": visitors, "event": kinds, "itemid": items}), file)


def _changes(chance: np.random.Generator, count: int, file: Path) -> None:
    """Weekly snapshots, as published."""
    other = chance.integers(1_000, 2_000, count).astype(str)
    kind = chance.choice([*SHARES, ""], count, p=[*SHARES.values(), 1 - sum(SHARES.values())])
    price = np.char.add(np.char.add("n", (chance.integers(1, 5_000, count) * 120).astype(str)), ".000")
    value = np.where(kind == "790", price, np.char.add(other, " 1116693 960601"))
    value = np.where(kind == "categoryid", chance.integers(0, CATEGORIES, count).astype(str), value)
    value = np.where(kind == "available", chance.integers(0, 2, count).astype(str), value)
    columns = {
        "timestamp": chance.integers(0, 18, count) * WEEK_MS + START_MS,
        "itemid": chance.integers(0, ITEMS, count),
        "property": np.where(kind == "", other, kind),
        "value": value,
    }
    pc.write_csv(pa.table(columns), file)


def main() -> None:
    """Run, compare, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--changes", type=int, default=8_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    runs = in_turns("asof", landing(given.events, given.changes), given.rounds, ANSWER)
    record(
        "asof",
        "How fast is the as-of join of events with product versions?",
        "at most 1.0 × DuckDB's ASOF JOIN",
        f"{given.events:,} events and {given.changes:,} property changes from CSV, enriched and written as Parquet",
        runs,
    )


if __name__ == "__main__":
    main()
