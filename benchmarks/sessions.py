"""Sessionization of many events by shoplake on Sail and by DuckDB SQL, alternating, each run in its own process.

Both read the same events from Parquet and write Parquet by day.

Example: `python benchmarks/sessions.py --events 24000000 --rounds 3`
"""

from __future__ import annotations

import argparse
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from paired import DATA, run_in_turns, save_comparison

if TYPE_CHECKING:
    from pathlib import Path

DAYS, DAY_US, FILES = 30, 86_400_000_000, 12
START_US = 1_772_323_200_000_000
"""2026-03-01."""
NAMES = ("page_view", "product_view", "add_to_cart", "remove_from_cart", "checkout_started", "purchase")
SHARES = (0.55, 0.33, 0.07, 0.01, 0.025, 0.015)
ANSWER = """
    SELECT count(*), sum(events), sum(purchases), sum(revenue), sum(steps_reached), count(landing_page),
        count(utm_source), count_if(channel = 'email'), count_if(is_engaged), count_if(is_bot),
        count(DISTINCT session_id), sum(epoch_us(ended_at) - epoch_us(started_at))
    FROM read_parquet('{}', hive_partitioning = true)
"""


def generate_files(events: int) -> Path:
    """Generate events in time order as Parquet once: sessions of 4.4 events on average, a minute apart."""
    folder = DATA / f"sessions-{events}"
    if not folder.exists():
        temporary = folder.with_suffix(".tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        rng = np.random.default_rng(1)
        visitor, at = _sessions(rng, events)
        for number, rows in enumerate(np.array_split(np.arange(events), FILES)):
            pq.write_table(_events(rng, visitor[rows], at[rows], int(rows[0])), temporary / f"{number:02}.parquet")
        temporary.rename(folder)
    return folder


def _sessions(rng: np.random.Generator, events: int) -> tuple[Any, Any]:
    """Draw visitor and time of each event in time order."""
    sizes = rng.geometric(1 / 4.4, events // 4 + 1_000)
    session = np.repeat(np.arange(len(sizes)), sizes)[:events]
    begins = np.append(True, session[1:] != session[:-1])
    start = rng.integers(0, DAYS * DAY_US, len(sizes))[session]
    gap = np.where(begins, 0, rng.exponential(60_000_000, events)).astype(np.int64)
    elapsed = np.cumsum(gap)
    at = START_US + start + elapsed - np.maximum.accumulate(np.where(begins, elapsed, 0))
    order = np.argsort(at, kind="stable")
    visitor = (rng.pareto(1.1, len(sizes)) * events / 60).astype(np.int64) % (events // 6)
    return visitor[session][order], at[order]


def _events(rng: np.random.Generator, visitor: Any, at: Any, first: int) -> pa.Table:
    count = len(at)
    event_at = pa.array(at, pa.timestamp("us", "UTC"))
    price = pa.array(rng.integers(1, 999, count)).cast(pa.decimal128(38, 4)).cast(pa.decimal128(18, 4))
    is_tagged = rng.random(count) < 0.3
    utm_columns = {
        name: pa.array(rng.choice(values, count), mask=~is_tagged)
        for name, values in {
            "utm_source": ["google", "newsletter", "instagram"],
            "utm_medium": ["cpc", "email", "social"],
            "utm_campaign": ["spring", "brand", "sale"],
        }.items()
    }
    return pa.table(
        {
            "feed": pa.array(["shop"]).take(pa.array(np.zeros(count, np.int8))),
            "event_id": _text("e", np.arange(first, first + count)),
            "visitor_id": _text("v", visitor),
            "customer_id": pa.nulls(count, pa.string()),
            "event_at": event_at,
            "event_date": event_at.cast(pa.date32()),
            "event_name": rng.choice(NAMES, count, p=SHARES),
            "quantity": pa.array(rng.integers(1, 4, count), pa.int32()),
            "unit_price": price,
            "currency": pa.array(["GBP"]).take(pa.array(np.zeros(count, np.int8))),
            "page_url": _text("/product/", rng.integers(0, 2_000, count)),
            **utm_columns,
            "device": rng.choice(["mobile", "desktop", "tablet"], count),
            "is_bot": rng.random(count) < 0.01,
        }
    )


def _text(before: str, numbers: Any) -> pa.Array:
    return pc.binary_join_element_wise(before, pa.array(numbers).cast(pa.string()), "")


def main() -> None:
    """Run, compare, print and save the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=24_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    runs = run_in_turns("sessions", generate_files(options.events), options.rounds, ANSWER)
    save_comparison(
        "sessions",
        "How fast are events sessionized?",
        "at most 1.2 × DuckDB's window functions",
        f"{options.events:,} events from Parquet into sessions as Parquet by day",
        runs,
    )


if __name__ == "__main__":
    main()
