"""Repeats within a file, across files and runs: one row an id, the same winner whatever the order, all counted."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import functions as F

from shoplake.engine.session import sail

from ..lakes import EVENTS, drop, event, ids, lake_at, listed, rows, totals
from ..shops.test_equality import MANY, QUIET, settings

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.lake import Lake

EARLY, LATE = "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"
FIRST, SECOND = event(1, event_ts=EARLY, quantity=1), event(1, event_ts=LATE, quantity=2)
THIRD = event(1, event_ts=EARLY, quantity=3)
"""As early as the first, but not the same: the payload decides."""


def counted(at: Path) -> tuple[int, int, int]:
    counts = totals(at, "silver/events")
    assert counts["rows_read"] == counts["rows_written"] + counts["rows_quarantined"] + counts["rows_duplicate"]
    return counts["rows_written"], counts["rows_duplicate"], counts["rows_conflicting"]


def test_a_line_repeated_within_a_file_is_one_row_and_one_duplicate(landing, lake: Lake, at):
    drop(landing, "events/a.json", event(1), event(2), event(1), event(1))

    lake.run()

    assert (ids(at), counted(at)) == (["e000001", "e000002"], (2, 2, 0))


def test_a_line_repeated_in_another_file_of_a_run_is_one_row_and_one_duplicate(landing, lake: Lake, at):
    drop(landing, "events/a.json", event(1), event(2))
    drop(landing, "events/b.json", event(2), event(3))

    lake.run()

    assert (len(ids(at)), counted(at)) == (3, (3, 1, 0))


def test_a_line_repeated_in_a_later_run_changes_no_row_and_is_one_duplicate(landing, lake: Lake, at):
    drop(landing, "events/a.json", event(1), event(2))
    lake.run()
    before = rows(at, "silver/events", ())
    drop(landing, "events/b.json", event(2))

    lake.run()

    assert (rows(at, "silver/events", ()), counted(at)) == (before, (2, 1, 0))


ORDERS = list(itertools.permutations((FIRST, SECOND, THIRD)))


@pytest.mark.parametrize(
    "runs", [pytest.param(False, id="in one run"), pytest.param(True, id="run by run", marks=pytest.mark.slow)]
)
def test_of_differing_repeats_the_earliest_wins_in_whatever_order_they_come(landing, lake: Lake, at, runs):
    for number, arriving in enumerate(zip(*ORDERS, strict=True)):
        drop(landing, f"events/{number}.json", *[each | {"event_id": f"e{n}"} for n, each in enumerate(arriving)])
        if runs:
            lake.run()
    lake.run()

    won = {row["event_id"]: (row["event_at"].hour, row["quantity"]) for row in listed(at, "silver/events")}
    assert won == {f"e{number}": (9, winner_of_a_tie(at, f"e{number}")) for number in range(6)}
    assert counted(at) == (6, 12, 12)


def winner_of_a_tie(at: Path, id: str) -> int:
    """The quantity of the one of the two early ones whose payload hash is the smaller, as the engine works it out."""
    texts = [(raw,) for raw in raws(at) if EARLY in raw and f'"{id}"' in raw]
    hashed = sail.session().createDataFrame(texts, "raw string").select("raw", F.xxhash64("raw").alias("hash"))
    smallest = min(hashed.collect(), key=lambda row: row["hash"])
    return int(json.loads(smallest["raw"])["quantity"])


def raws(at: Path) -> list[str]:
    return [row["raw"] for row in listed(at, "bronze/events_raw")]


@pytest.mark.slow
def test_a_winner_that_comes_later_moves_the_row_to_its_own_day(landing, at):
    whole = lake_at(at, landing, tables=(*EVENTS, "sessions", "funnel_daily"))
    drop(landing, "events/a.json", event(1, event_ts="2026-03-04T10:00:00Z"))
    whole.run()
    drop(landing, "events/b.json", event(1, event_ts="2026-03-02T10:00:00Z"))

    whole.run()

    assert [str(row["event_date"]) for row in listed(at, "silver/events")] == ["2026-03-02"]
    assert [str(row["session_date"]) for row in listed(at, "silver/sessions")] == ["2026-03-02"]
    assert [str(row["event_date"]) for row in listed(at, "gold/funnel_daily")] == ["2026-03-02"]


def build(folder: Path, split: list[list[dict[str, Any]]]) -> list[str]:
    landing, lake = folder / "landing", lake_at(folder / "lake", folder / "landing", tables=EVENTS)
    for number, records in enumerate(split):
        drop(landing, f"events/{number}.json", *records)
        lake.run()
    return rows(folder / "lake", "silver/events")


@pytest.mark.slow
def test_repeats_a_month_apart_give_the_same_rows_in_one_run_as_in_two(tmp_path):
    one, other = event(1, event_ts="2026-03-02T10:00:00Z"), event(1, event_ts="2026-04-02T10:00:00Z")

    assert build(tmp_path / "once", [[one, other]]) == build(tmp_path / "twice", [[one], [other]])


@pytest.mark.slow
@pytest.mark.xfail(strict=True, reason="a chain of repeats over more than 7 days is a known limit")
def test_repeats_in_a_row_of_weeks_give_the_same_rows_in_whatever_order(tmp_path):
    first, second, third = ([event(1, event_ts=f"2026-03-{day:02}T10:00:00Z")] for day in (1, 6, 11))

    assert build(tmp_path / "one", [first, second, third]) == build(tmp_path / "other", [first, third, second])


@pytest.mark.slow
@settings(**QUIET | {"max_examples": 1, "derandomize": True})
@given(data=st.data())
def test_any_repeats_in_any_order_and_runs_leave_the_earliest_of_each_id(tmp_path_factory, data):
    check_repeats(tmp_path_factory.mktemp("repeats"), data)


@pytest.mark.slow
@MANY
@given(data=st.data())
def test_a_great_many_repeats_leave_the_earliest_of_each_id(tmp_path_factory, data):
    check_repeats(tmp_path_factory.mktemp("repeats"), data)


def check_repeats(folder: Path, data: st.DataObject) -> None:
    records = st.builds(
        lambda number, hour, quantity: event(number, event_ts=f"2026-03-02T{hour:02}:00:00Z", quantity=quantity),
        *(st.integers(0, 3), st.integers(8, 11), st.integers(1, 3)),
    )
    split = data.draw(st.lists(st.lists(records, min_size=1, max_size=6), min_size=2, max_size=4))
    flat = [record for part in split for record in part]
    build(folder, split)

    kept = {row["event_id"]: row["event_at"] for row in listed(folder / "lake", "silver/events")}
    assert {id: f"{at:%Y-%m-%dT%H:%M:%SZ}" for id, at in kept.items()} == {
        record["event_id"]: min(each["event_ts"] for each in flat if each["event_id"] == record["event_id"])
        for record in flat
    }
    good, duplicates, _ = counted(folder / "lake")
    assert (good, good + duplicates) == (len(kept), len(flat))
    assert rows(folder / "lake", "silver/events") == build(folder / "once", [flat])
