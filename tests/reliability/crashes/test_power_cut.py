"""A power cut at any instant: no wrong answer without an error, and one run mends what was not on the disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shoplake import open_lake
from shoplake.errors import ShoplakeError, TableDamagedError

from ..lakes import ARRIVAL, content, difference, drop, event, lake_at, read, versions
from .power_cut import SyncLog

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from shoplake.lake import Lake

    from .power_cut import Files

TABLES = ("events", "customers", "product_funnel")
FIRST, ALL = 6, 1_000


@dataclass(frozen=True)
class Story:
    """A lake that ran three times without a power cut: its syncs, and the rows of each version of each table."""

    landing: Path
    syncs: SyncLog = field(repr=False)
    history: dict[str, dict[int, list[str]]] = field(repr=False)
    expected: dict[str, list[str]] = field(repr=False)

    def open(self, lake: Path) -> Lake:
        return lake_at(lake, self.landing, tables=TABLES)


def customer(number: int, **changes: object) -> dict[str, object]:
    return {"sequence": number, "changed_at": f"2026-03-0{number}T12:00:00Z", "customer_id": "C1", **changes}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("story")
    syncs, landing = SyncLog(folder / "lake"), folder / "landing"
    drop(landing, "events/a.json", *[event(number) for number in range(40)], "oops")
    drop(landing, "customer_changes/a.json", customer(1, location="L1", op="update"))
    syncs.record(lambda: lake_at(syncs.lake, landing, tables=TABLES).run())
    drop(landing, "events/b.json", *[event(number) for number in range(20, 60)])
    drop(landing, "customer_changes/b.json", customer(3, location="L3", op="update"), customer(2, op="delete"))
    syncs.record(lambda: lake_at(syncs.lake, landing, tables=TABLES).run())
    drop(landing, "events/c.json", *[event(number, event_ts=f"2026-03-0{number}T08:00:00Z") for number in (1, 2, 3)])
    syncs.record(lambda: lake_at(syncs.lake, landing, tables=TABLES).run())
    syncs.close()
    history = {
        table: {version: _as_text(read(syncs.lake, table, version)) for version in range(last + 1)}
        for table, last in versions(syncs.lake).items()
    }
    return Story(landing, syncs, history, content(syncs.lake))


def _as_text(found: pa.Table) -> list[str]:
    names = [name for name in found.column_names if name not in ARRIVAL]
    return sorted(map(repr, found.select(names).to_pylist()))


def wrong_answers(story: Story, lake: Path, flushed: Files, tables: Iterable[str]) -> list[str]:
    """Those of these tables that answer, without an error, what they held neither when flushed nor later."""
    wrong, opened = [], story.open(lake)
    for table in tables:
        try:
            answer = opened.sql(f"SELECT * FROM {table.replace('/', '.')}").to_arrow()
        except ShoplakeError:
            continue
        known = [rows for version, rows in story.history[table].items() if version >= _commits(flushed, table) - 1]
        if _as_text(answer) not in known:
            wrong.append(f"{table}: {answer.num_rows} rows")
    return wrong


def _commits(files: Files, table: str) -> int:
    return sum(path.startswith(f"{table}/_delta_log/") and path.endswith(".json") for path in files)


def check(story: Story, lake: Path, seed: int) -> None:
    last = story.syncs.cut(lake, seed)
    flushed, written = story.syncs.states[last : last + 2]
    touched = [table for table in story.history if _commits(flushed, table) < _commits(written, table)]
    assert wrong_answers(story, lake, flushed, touched) == []

    opened = story.open(lake)
    opened.run()

    assert difference(content(lake), story.expected) == {}
    assert opened.verify() == []


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, FIRST))])
def test_a_power_cut_gives_no_wrong_answer_and_one_run_mends_it(story: Story, tmp_path: Path, seed: int):
    check(story, tmp_path / "lake", seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(FIRST, ALL))
def test_a_power_cut_at_any_instant_is_mended_by_one_run(story: Story, tmp_path: Path, seed: int):
    check(story, tmp_path / "lake", seed)


@pytest.fixture
def unsynced(story: Story) -> SyncLog:
    """The same writes as if nothing had been flushed since the lake was empty."""
    return SyncLog(story.syncs.lake, [{}, story.syncs.states[-1]])


def test_without_syncs_a_power_cut_loses_more_than_a_run_mends(story: Story, unsynced: SyncLog, tmp_path: Path):
    unsynced.cut(tmp_path / "lake", seed=1)

    with pytest.raises(TableDamagedError, match="shoplake repair"):
        story.open(tmp_path / "lake").run()


def test_without_syncs_and_checks_answers_are_wrong(story: Story, unsynced: SyncLog, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(open_lake, "check_heads", lambda *_: None)
    for seed in range(3):
        unsynced.cut(tmp_path / str(seed), seed)

    end = story.syncs.states[-1]
    assert any(wrong_answers(story, tmp_path / str(seed), end, story.history) for seed in range(3))
