"""Sessionize many events, by shoplake on Sail and by DuckDB SQL, alternating, each run in its own process.

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
from duel import DATA, in_turns, record

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


def landing(events: int) -> Path:
    """Write events in order of time as Parquet, once: sessions of 4.4 events on average, a minute apart."""
    folder = DATA / f"sessions-{events}"
    if not folder.exists():
        making = folder.with_suffix(".making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        chance = np.random.default_rng(1)
        visitor, at = _visits(chance, events)
        for number, rows in enumerate(np.array_split(np.arange(events), FILES)):
            pq.write_table(_events(chance, visitor[rows], at[rows], int(rows[0])), making / f"{number:02}.parquet")
        making.rename(folder)
    return folder


def _visits(chance: np.random.Generator, events: int) -> tuple[Any, Any]:
    """The visitor and time of each event, in order of time."""
    sizes = chance.geometric(1 / 4.4, events // 4 + 1_000)
    visit = np.repeat(np.arange(len(sizes)), sizes)[:events]
    begins = np.append(True, visit[1:] != visit[:-1])
    start = chance.integers(0, DAYS * DAY_US, len(sizes))[visit]
    gap = np.where(begins, 0, chance.exponential(60_000_000, events)).astype(np.int64)
    passed = np.cumsum(gap)
    at = START_US + start + passed - np.maximum.accumulate(np.where(begins, passed, 0))
    order = np.argsort(at, kind="stable")
    visitor = (chance.pareto(1.1, len(sizes)) * events / 60).astype(np.int64) % (events // 6)
    return visitor[visit][order], at[order]


def _events(chance: np.random.Generator, visitor: Any, at: Any, first: int) -> pa.Table:
    count = len(at)
    moment = pa.array(at, pa.timestamp("us", "UTC"))
    price = pa.array(chance.integers(1, 999, count)).cast(pa.decimal128(38, 4)).cast(pa.decimal128(18, 4))
    is_known = chance.random(count) < 0.3
    attributes = {
        name: pa.array(chance.choice(values, count), mask=~is_known)
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
            "event_at": moment,
            "event_date": moment.cast(pa.date32()),
            "event_name": chance.choice(NAMES, count, p=SHARES),
            "quantity": pa.array(chance.integers(1, 4, count), pa.int32()),
            "unit_price": price,
            "page_url": _text("/product/", chance.integers(0, 2_000, count)),
            **attributes,
            "device": chance.choice(["mobile", "desktop", "tablet"], count),
            "is_bot": chance.random(count) < 0.01,
        }
    )


def _text(before: str, numbers: Any) -> pa.Array:
    return pc.binary_join_element_wise(before, pa.array(numbers).cast(pa.string()), "")


def main() -> None:
    """Run, compare, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=24_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    runs = in_turns("sessions", landing(given.events), given.rounds, ANSWER)
    record(
        "sessions",
        "How fast are events sessionized?",
        "at most 1.2 × DuckDB's window functions",
        f"{given.events:,} events from Parquet into sessions as Parquet by day",
        runs,
    )


if __name__ == "__main__":
    main()
