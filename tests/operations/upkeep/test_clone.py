from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sample_shop import drop_marks, sample_shop
from sample_tables import marks, marks_raw

from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.errors import UnsupportedFeatureError
from shoplake.lake import Lake
from shoplake.operations.upkeep.clone import CloneError, check_clone


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A lake of two tables that has run once."""
    made = sample_shop(tmp_path_factory.mktemp("clone"), (marks_raw, marks))
    drop_marks(made, 0, "2026-03-01")
    made.run()
    return made


def at(lake, folder):
    """The same project with another lake."""
    return Lake(replace(lake.settings, lake=str(folder)), project=lake.project)


def ids(lake):
    return sorted(row["id"] for row in lake.table("silver.marks").to_arrow().to_pylist())


@pytest.mark.sample
def test_a_clone_is_a_lake_of_its_own_with_linked_data_and_a_copied_ledger(lake, tmp_path):
    files = lake.clone(tmp_path / "clone")
    clone, before = at(lake, tmp_path / "clone"), ids(lake)

    assert ids(clone) == before and clone.run().tables == [] and clone.verify() == []
    assert files.linked == 2 and files.copied > 10
    assert [path for path in (tmp_path / "clone/ops").rglob("*") if path.is_file() and path.stat().st_nlink > 1] == []
    drop_marks(lake, 1, "2026-03-02")
    clone.run()
    assert (len(ids(clone)), ids(lake)) == (len(before) + 1, before) and lake.verify() == []


@pytest.mark.parametrize("point", ["after_clone_table", "before_publish_clone"])
def test_a_clone_that_is_killed_is_not_there_and_can_be_made_again(lake, tmp_path, point):
    def die(name):
        if name == point:
            raise KeyboardInterrupt

    set_crash_hook(die)
    try:
        with pytest.raises(KeyboardInterrupt):
            lake.clone(tmp_path / "clone")
    finally:
        set_crash_hook(None)

    assert not (tmp_path / "clone").exists()
    lake.clone(tmp_path / "clone")
    assert ids(at(lake, tmp_path / "clone")) == ids(lake)


def test_a_folder_that_exists_or_lies_in_the_lake_is_refused(lake, tmp_path):
    with pytest.raises(CloneError, match="exists already"):
        lake.clone(tmp_path)
    with pytest.raises(CloneError, match="lies in the lake"):
        lake.clone(Path(lake.settings.lake, "clone"))


@pytest.mark.parametrize(("lake", "catalog"), [("s3://bucket/lake", None), ("/lake", "main")])
def test_a_lake_that_is_no_folder_is_refused(lake, catalog, tmp_path):
    with pytest.raises(UnsupportedFeatureError, match=f"not of {catalog or lake}"):
        check_clone(lake, catalog, tmp_path / "clone")
