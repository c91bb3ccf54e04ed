"""As-of enrichment by shoplake on Sail and by DuckDB's ASOF JOIN, alternating, each run in its own process.

The product version of each event, from changes of single properties as in the Retailrocket data: read CSV, filter three
properties, fill each forward, join, write Parquet.

Example: `python benchmarks/asof.py --rounds 5`
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
from paired import DATA, run_in_turns, save_comparison

if TYPE_CHECKING:
    from pathlib import Path

ITEMS, CATEGORIES, WEEK_MS, START_MS = 235_000, 1_700, 7 * 86_400_000, 1_430_600_000_000
SHARES = {"categoryid": 0.039, "available": 0.074, "790": 0.088}
"""Shares of the property rows; the others belong to a thousand unused properties."""
ANSWER = """
    SELECT count(*), count(category), count(parent), count_if(available), sum(price), count(price)
    FROM read_parquet('{}')
"""


def generate_files(events: int, changes: int) -> Path:
    """Generate events and property changes as CSV once."""
    folder = DATA / f"asof-{events}-{changes}"
    if not (folder / "category_tree.csv").exists():
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(1)
        _events(rng, events, folder / "events.csv")
        _changes(rng, changes, folder / "item_properties.csv")
        ids = np.arange(CATEGORIES)
        pc.write_csv(pa.table({"categoryid": ids, "parentid": ids // 7}), folder / "category_tree.csv")
    return folder


def _events(rng: np.random.Generator, count: int, file: Path) -> None:
    """Generate events; few items have many of them."""
    items = rng.permutation(ITEMS)[np.minimum(rng.pareto(0.9, count) * 50, ITEMS - 1).astype(int)]
    at = np.sort(rng.integers(0, 20 * WEEK_MS, count)) + START_MS
    kinds = np.array(["view", "addtocart", "transaction"])[rng.choice(3, count, p=[0.967, 0.025, 0.008])]
    visitors = rng.integers(0, count // 2, count)
    pc.write_csv(pa.table({"timestamp": at, "visitorid": visitors, "event": kinds, "itemid": items}), file)


def _changes(rng: np.random.Generator, count: int, file: Path) -> None:
    """Generate weekly property changes, as in the published data."""
    other = rng.integers(1_000, 2_000, count).astype(str)
    kind = rng.choice([*SHARES, ""], count, p=[*SHARES.values(), 1 - sum(SHARES.values())])
    price = np.char.add(np.char.add("n", (rng.integers(1, 5_000, count) * 120).astype(str)), ".000")
    value = np.where(kind == "790", price, np.char.add(other, " 1116693 960601"))
    value = np.where(kind == "categoryid", rng.integers(0, CATEGORIES, count).astype(str), value)
    value = np.where(kind == "available", rng.integers(0, 2, count).astype(str), value)
    columns = {
        "timestamp": rng.integers(0, 18, count) * WEEK_MS + START_MS,
        "itemid": rng.integers(0, ITEMS, count),
        "property": np.where(kind == "", other, kind),
        "value": value,
    }
    pc.write_csv(pa.table(columns), file)


def main() -> None:
    """Run, compare, print and save the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--changes", type=int, default=8_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    runs = run_in_turns("asof", generate_files(options.events, options.changes), options.rounds, ANSWER)
    save_comparison(
        "asof",
        "How fast is each event joined with its product version?",
        "at most 1.0 × DuckDB's ASOF JOIN",
        f"{options.events:,} events and {options.changes:,} property changes from CSV, enriched and written as Parquet",
        runs,
    )


if __name__ == "__main__":
    main()
