import os
from pathlib import Path

import pytest

from shoplake.engine.storage.durability import sync
from shoplake.engine.storage.durability.sync import rename_durably, sync_lake, write_durably, write_whole


@pytest.fixture
def lake(tmp_path):
    (tmp_path / "lake" / "silver" / "events").mkdir(parents=True)
    (tmp_path / "lake" / "silver" / "events" / "a.parquet").write_text("a")
    return tmp_path / "lake"


@pytest.fixture
def flushed(monkeypatch):
    """The files and folders that are flushed one by one, on a system without syncfs."""
    paths = []
    named = Path("/proc/self/fd")
    monkeypatch.setattr(sync, "_syncfs", lambda: None)
    monkeypatch.setattr(sync, "_flushed", {})
    monkeypatch.setattr(os, "fsync", lambda descriptor: paths.append(str((named / str(descriptor)).readlink())))
    return paths


def test_one_syncfs_flushes_a_lake_on_one_file_system(lake, monkeypatch):
    calls = []
    monkeypatch.setattr(sync, "_syncfs", lambda: lambda descriptor: calls.append(descriptor) or 0)

    sync_lake(str(lake))

    assert len(calls) == 1


def test_the_syncfs_of_this_system_flushes_a_lake(lake):
    sync_lake(str(lake))

    assert sync._syncfs() is not None


def test_a_folder_that_is_moved_meanwhile_is_no_error(lake, monkeypatch):
    monkeypatch.setattr(Path, "glob", lambda *_: iter([lake / "gone"]))

    assert list(sync._file_systems(lake)) == [lake]


def test_an_error_of_the_disk_is_raised_with_the_folder(lake, monkeypatch):
    monkeypatch.setattr(sync, "_syncfs", lambda: lambda _: -1)

    with pytest.raises(OSError, match="lake"):
        sync_lake(str(lake))


def test_without_syncfs_each_file_and_its_folders_are_flushed(lake, flushed):
    sync_lake(str(lake))

    folder = lake / "silver" / "events"
    assert set(flushed) == {str(each) for each in (folder / "a.parquet", folder, lake / "silver", lake)}


def test_without_syncfs_only_what_is_new_is_flushed_again(lake, flushed):
    sync_lake(str(lake))
    flushed.clear()
    (lake / "b.json").write_text("b")

    sync_lake(str(lake))

    assert set(flushed) == {str(lake / "b.json"), str(lake)}


def test_an_object_store_and_a_lake_that_is_not_there_need_no_sync(tmp_path, monkeypatch):
    monkeypatch.setattr(sync, "_syncfs", lambda: pytest.fail)

    sync_lake("s3://bucket/lake")
    sync_lake(str(tmp_path / "none"))


def test_a_file_that_is_replaced_durably_has_the_new_content_and_no_file_beside(tmp_path):
    file = tmp_path / "a.json"
    file.write_bytes(b"old")

    write_durably(file, b"new")

    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


def test_a_whole_file_is_written_into_a_folder_that_is_not_there(tmp_path):
    write_whole(f"{tmp_path}/models/1/model.bin", b"new")

    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"new"]


def test_the_folder_that_names_a_renamed_one_is_flushed(lake, flushed):
    rename_durably(lake, lake.with_name("clone"))

    assert (lake.exists(), flushed) == (False, [str(lake.parent)])


def test_a_file_that_cannot_be_written_leaves_no_part_of_itself(tmp_path):
    (tmp_path / "state.json" / "in_the_way").mkdir(parents=True)

    with pytest.raises(OSError, match="directory"):
        write_durably(tmp_path / "state.json", b"{}")

    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
