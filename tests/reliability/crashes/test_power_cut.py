"""A power cut at any instant: no wrong answer without an error, and one run mends what was not on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shoplake.errors import TableDamagedError
from shoplake.lake import open_lake

from .power_cut import SyncLog
from .power_cut_check import Heads, check, verdict
from .power_cut_story import Story

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE, MORE, ALL = range(2), range(2, 30), range(1_000)
SHOP = 100
SEEDS = [
    pytest.param(seed, marks=pytest.mark.sample if seed in SAMPLE else pytest.mark.slow) for seed in (*SAMPLE, *MORE)
]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story.of_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def shop_story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story.of_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def mended() -> set[Heads]:
    """The commits of the lakes that a run has mended in these tests."""
    return set()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_power_cut_gives_no_wrong_answer_and_one_run_mends_it(
    story: Story, tmp_path: Path, seed: int, mended: set[Heads]
):
    check(story, tmp_path / "lake", seed, mended)


@pytest.mark.slow
@pytest.mark.parametrize("seed", ALL)
def test_a_power_cut_at_any_instant_is_mended_by_one_run(story: Story, tmp_path: Path, seed: int):
    check(story, tmp_path / "lake", seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SHOP))
def test_a_power_cut_of_a_shop_s_lake_is_mended_by_one_run(shop_story: Story, tmp_path: Path, seed: int):
    check(shop_story, tmp_path / "lake", seed)


@pytest.fixture
def unsynced(story: Story) -> SyncLog:
    """The same writes as if nothing had been flushed since the lake was empty."""
    return SyncLog(story.syncs.lake, [{}, story.syncs.states[-1]])


@pytest.mark.sample
def test_without_syncs_a_power_cut_loses_more_than_a_run_mends(story: Story, unsynced: SyncLog, tmp_path: Path):
    unsynced.cut(tmp_path / "lake", seed=1)

    with pytest.raises(TableDamagedError, match="shoplake repair"):
        story.open(tmp_path / "lake", story.runs[-1]).run()


@pytest.mark.sample
def test_without_syncs_and_checks_answers_are_wrong(story: Story, unsynced: SyncLog, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(open_lake, "check_heads", lambda *_: None)
    for seed in range(3):
        unsynced.cut(tmp_path / str(seed), seed)

    end, lakes = story.syncs.states[-1], [story.open(tmp_path / str(seed), story.runs[-1]) for seed in range(3)]
    assert "wrong" in {verdict(story, lake, end, table) for lake in lakes for table in story.history}
