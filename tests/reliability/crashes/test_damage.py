"""Data that was damaged behind the lake's back: verify names the file, and a build from raw restores what was."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from deltalake import DeltaTable

from shoplake.errors import ShoplakeError

from ..lakes import content, data_file, difference, flip

if TYPE_CHECKING:
    from shoplake.lake import Lake

    from ..conftest import Shop

TABLES = ("bronze/events_raw", "silver/events", "gold/sales_daily", "ops/table_runs")


@pytest.fixture
def copy(shop: Shop, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop.lake, tmp_path / "lake"))


@pytest.fixture
def damaged(shop: Shop, copy: Path) -> Lake:
    """The small shop's lake, to be damaged."""
    return shop.open(copy)


def test_a_sound_lake_has_no_problem(damaged: Lake):
    assert damaged.verify() == []


@pytest.mark.parametrize("table", TABLES[:3])
def test_a_flipped_byte_is_found_and_its_file_named(damaged: Lake, copy: Path, table):
    file = data_file(copy, table)
    flip(file)

    found = damaged.verify()

    assert [(problem.table, problem.file) for problem in found] == [(table.replace("/", "."), str(file))]
    assert "SHA-256" in found[0].problem


@pytest.mark.parametrize("table", TABLES)
def test_a_deleted_data_file_is_found_and_named(damaged: Lake, copy: Path, table):
    file = data_file(copy, table)
    file.unlink()

    assert [(each.table, each.file) for each in damaged.verify()] == [(table.replace("/", "."), str(file))]


def commits(lake: Path, table: str) -> list[Path]:
    return sorted((lake / table / "_delta_log").glob("*.json"))


@pytest.mark.parametrize("cut", [0, 40, -30], ids=["emptied", "nearly all", "its last line"])
def test_a_commit_cut_off_in_a_log_is_found_and_named(damaged: Lake, copy: Path, cut: int):
    commit = commits(copy, "silver/events")[-1]
    commit.write_bytes(commit.read_bytes()[:cut])

    found = [(problem.table, problem.file) for problem in damaged.verify()]

    assert ("silver.events", str(commit)) in found
    assert {table for table, _ in found} == {"silver.events"}


def test_a_commit_missing_from_a_log_is_found(damaged: Lake, copy: Path):
    commits(copy, "silver/events")[0].unlink()

    assert {problem.table for problem in damaged.verify()} == {"silver.events"}


def test_rows_deleted_behind_the_lakes_back_are_found(damaged: Lake, copy: Path):
    DeltaTable(str(copy / "silver/events")).delete("event_date = '2026-03-04'")

    assert "silver.events" in {problem.table for problem in damaged.verify()}


def test_a_query_of_a_table_whose_file_is_gone_fails_loudly(damaged: Lake, copy: Path):
    data_file(copy, "silver/sessions").unlink()

    with pytest.raises(ShoplakeError, match=r"A data file is missing or damaged.*shoplake verify.*shoplake repair"):
        damaged.table("silver.sessions").to_arrow()
    with pytest.raises(ShoplakeError, match=r"A data file is missing or damaged.*shoplake verify.*shoplake repair"):
        damaged.sql("SELECT sum(events) FROM silver.sessions").to_arrow()


@pytest.mark.parametrize(
    ("harm", "table"),
    [
        pytest.param("a flipped byte", "silver/events", marks=pytest.mark.slow),
        pytest.param("a deleted file", "gold/purchases", marks=pytest.mark.slow),
    ],
)
def test_a_build_from_raw_restores_what_was(shop: Shop, damaged: Lake, copy: Path, harm, table):
    file = data_file(copy, table)
    flip(file) if harm == "a flipped byte" else file.unlink()

    damaged.run(full_refresh=True)

    assert damaged.verify() == []
    assert difference(content(copy), shop.content) == {}
