"""Commands during which the power is cut: repeated, the lake is as if nothing had happened."""

import os

import pytest

from shoplake.engine.storage.durability import durable_heads
from shoplake.engine.storage.durability.sync import write_durably
from shoplake.engine.storage.upkeep import clone_files
from shoplake.errors import TableDamagedError
from shoplake.serve.export.destinations import atomic
from tools.soak.commands import COMMANDS, make_scene
from tools.soak.kill_sweep import Whole, uninterrupted
from tools.soak.power_cuts import CUTS, END, Disk, check_cut
from tools.soak.world import DifferenceError


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    return make_scene(tmp_path_factory.mktemp("scene") / "world")


@pytest.fixture(scope="module")
def whole_run(scene, tmp_path_factory):
    return uninterrupted(scene, "run", tmp_path_factory.mktemp("whole") / "world")


@pytest.mark.sample
@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("point", ["after_upsert", END])
def test_a_run_during_which_the_power_is_cut_is_done_by_its_repetition(scene, whole_run, tmp_path, point, cut):
    check_cut(scene, "run", point, cut, whole_run, tmp_path / "world")


@pytest.mark.slow
@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_power_cut_at_each_crash_point_of_a_command_is_mended(scene, tmp_path, name, cut):
    whole = uninterrupted(scene, name, tmp_path / "whole")
    for number, point in enumerate([*whole.points, END]):
        check_cut(scene, name, point, cut, whole, tmp_path / str(number))


@pytest.mark.sample
def test_a_record_of_heads_that_were_not_flushed_is_found(scene, whole_run, tmp_path, monkeypatch):
    monkeypatch.setattr(durable_heads, "sync_lake", lambda _: None)

    with pytest.raises(TableDamagedError):
        check_cut(scene, "run", "after_record_incidents", "lost", whole_run, tmp_path / "world")


@pytest.mark.sample
def test_rows_that_a_power_cut_takes_from_a_run_that_ended_are_found(scene, whole_run, tmp_path):
    rows = whole_run.rows | {"silver/marks": []}

    with pytest.raises(DifferenceError, match="run had ended when the power was cut"):
        check_cut(scene, "run", END, "lost", Whole(whole_run.reached, rows), tmp_path / "world")


@pytest.mark.sample
def test_an_export_that_is_not_flushed_is_found(scene, tmp_path, monkeypatch):
    whole = uninterrupted(scene, "export", tmp_path / "whole")
    monkeypatch.setattr(atomic, "_flush", lambda _: None)

    with pytest.raises(DifferenceError, match="neither the output before nor the new one"):
        check_cut(scene, "export", END, "lost", whole, tmp_path / "world")


@pytest.mark.sample
@pytest.mark.parametrize("cut", CUTS)
def test_a_clone_during_which_the_power_is_cut_is_whole_or_not_there(scene, tmp_path, cut):
    whole = uninterrupted(scene, "clone", tmp_path / "whole")

    for point in (*whole.points, END):
        check_cut(scene, "clone", point, cut, whole, tmp_path / point.replace(" ", "_"))


@pytest.mark.sample
def test_a_clone_that_is_not_flushed_is_found(scene, tmp_path, monkeypatch):
    whole = uninterrupted(scene, "clone", tmp_path / "whole")
    monkeypatch.setattr(clone_files, "sync_lake", lambda _: None)

    with pytest.raises(DifferenceError, match="neither the output before nor the new one"):
        check_cut(scene, "clone", END, "lost", whole, tmp_path / "world")


@pytest.fixture
def disk(tmp_path):
    """A disk with one flushed file."""
    (tmp_path / "old").write_bytes(b"1")
    return Disk(tmp_path)


def test_a_file_that_is_not_flushed_is_lost_and_a_removed_one_is_back(disk):
    with disk.record():
        (disk.lake / "old").unlink()
        (disk.lake / "new").write_bytes(b"2")

    assert disk.after_cut(None) == {"old": b"1"}


def test_a_file_that_is_replaced_durably_has_its_new_content(disk):
    with disk.record():
        write_durably(disk.lake / "old", b"2")

    assert disk.after_cut(None) == {"old": b"2"}


def test_a_folder_that_takes_the_place_of_another_has_what_was_flushed_of_it(disk):
    (target := disk.lake / "out").mkdir()
    (target / "a").write_bytes(b"1")

    with disk.record():
        (part := disk.lake / "part").mkdir()
        for name in ("b", "c"):
            (part / name).write_bytes(b"2")
        for path in (part / "b", part):
            flush(path)
        target.rename(disk.lake / "before")
        part.rename(target)
        flush(disk.lake)

    assert disk.after_cut(None) == {"old": b"1", "before/a": b"1", "out/b": b"2", "out/c": b""}


def flush(path):
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def test_a_name_whose_content_was_not_flushed_is_an_empty_file(disk):
    with disk.record():
        (disk.lake / "new").write_bytes(b"2")
        flush(disk.lake)

    assert disk.after_cut(None) == {"old": b"1", "new": b""}


def test_each_unflushed_file_of_a_torn_disk_is_old_empty_cut_off_or_whole(disk):
    with disk.record():
        (disk.lake / "old").write_bytes(b"2" * 5000)

    assert {disk.after_cut(seed)["old"] for seed in range(40)} == {b"1", b"", b"2" * 4096, b"2" * 5000}
