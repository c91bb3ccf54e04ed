"""A catalog whose storage the client cannot see: everything goes by names and SQL, and equals a lake of folders."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hidden.catalog_lake import ALONE, contents, sample_lake
from sample_tables import drop, mark, marks, price, records

from shoplake.engine.session.capabilities import SPARK
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.staging.staged_files import UnsharedFolderError

if TYPE_CHECKING:
    from hidden.hidden_storage import HiddenStorage

BATCH = re.compile(r"b0000\d+")
TESTS = Path(__file__).parents[2]
KILLS = (("after_append", 1), ("after_commit", 4), ("before_commit_offsets", 1))
"""Crash points, and how often each is reached before: in bronze, in silver, and between results and offsets."""


def land(folder: Path, day: int) -> None:
    """Files of one day: new marks, a repeated one, an invalid one, and prices."""
    at = f"2026-03-0{day}T09:00:00Z"
    marks = [mark(f"m{day}", at), mark("m1", at, n=9), mark(f"bad{day}", at, n=-1)]
    drop(folder / "landing" / "marks" / f"{day}.json", *marks, "nonsense")
    drop(folder / "landing" / "prices" / f"{day}.json", price("t", f"{day}.99", at))


def process(server: HiddenStorage, folder: Path, *kill: object) -> tuple[int, dict[str, Any]]:
    """Run the lake in a process of its own; return its exit code and what it printed."""
    command = [sys.executable, "-c", ALONE, str(folder), server.remote, *map(str, kill)]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)
    if done.returncode and not kill:
        pytest.fail(done.stderr[-3000:])
    return done.returncode, json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The rows of the same files in a lake of folders, on Sail."""
    folder = tmp_path_factory.mktemp("sail")
    lake = sample_lake(folder)
    for day in (1, 2):
        land(folder, day)
        lake.run()
    return contents(lake)


@pytest.fixture(scope="module")
def runs(hidden: HiddenStorage, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What two processes found that ran two days after each other."""
    folder = tmp_path_factory.mktemp("catalog")
    found = []
    for day in (1, 2):
        land(folder, day)
        found.append(process(hidden, folder)[1])
    return found


def test_every_table_of_a_catalog_equals_that_of_a_lake_of_folders(runs, twin):
    assert runs[-1]["contents"] == twin


def test_a_catalogs_lake_is_sound_and_a_second_run_writes_nothing(runs):
    assert [(run["problems"], run["again"]) for run in runs] == [([], []), ([], [])]


def test_the_tables_of_a_catalog_need_no_library_of_delta_or_object_stores(runs):
    assert [run["loaded"] for run in runs] == [[], []]


def test_no_table_lies_where_the_client_looks(hidden, runs):
    assert list(hidden.warehouse.iterdir()) == []


def test_killed_runs_are_mended_by_the_next_once_their_leases_expire(hidden, catalog_engine, twin, tmp_path):
    land(tmp_path, 1)
    land(tmp_path, 2)

    codes = [process(hidden, tmp_path, *kill)[0] for kill in KILLS]

    mended = process(hidden, tmp_path)[1]
    assert codes == [-9, -9, -9]
    assert (mended["problems"], mended["again"]) == ([], [])
    assert without_batches(mended["contents"]) == without_batches(twin)


def without_batches(contents: dict[str, list[str]]) -> dict[str, list[str]]:
    """Rows without the batch they arrived in: files that land together are one."""
    return {name: sorted(BATCH.sub("", row) for row in rows) for name, rows in contents.items()}


def test_a_folder_that_the_server_does_not_see_is_named_and_no_table_taken_for_empty(hidden, catalog_engine):
    lake = str(hidden.warehouse / "unseen")
    engine = DeltaEngine(catalog_engine.session, lake, SPARK, hidden.catalog)
    engine.create_if_missing(marks)

    with pytest.raises(UnsharedFolderError, match="it and this process do not see the same files"):
        engine.write(marks, marks(records(engine.session, mark("a"))))
    assert engine.row_count(marks) == 0
