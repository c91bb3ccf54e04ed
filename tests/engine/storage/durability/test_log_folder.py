import json

import pytest
from deltalake import DeltaTable

from engine.storage.conftest import EVENTS
from shoplake.engine.storage.durability.log_folder import HINT, LogFolder, is_whole_parquet, parse_commit


@pytest.fixture
def log(small_lake):
    """The folder of a log with a checkpoint of its last version, 2."""
    DeltaTable(str(small_lake / EVENTS)).create_checkpoint()
    return small_lake / EVENTS / "_delta_log"


def checkpoint(log):
    return next(log.glob("*.checkpoint*.parquet"))


def test_a_log_has_commits_a_checkpoint_and_a_hint(log):
    scanned = LogFolder.scan(log)

    assert (sorted(scanned.commits), scanned.head, scanned.base, scanned.has_hint) == ([0, 1, 2], 2, 2, True)
    assert scanned.invalid_files == []


@pytest.mark.parametrize("size", [0, 100])
def test_a_checkpoint_that_is_cut_off_is_no_base_and_invalid_with_its_hint(log, size):
    file = checkpoint(log)
    file.write_bytes(file.read_bytes()[:size])

    scanned = LogFolder.scan(log)

    assert scanned.base == -1
    assert scanned.invalid_files == [file, log / HINT]


def test_a_checkpoint_without_its_commit_is_invalid(log):
    (log / f"{2:020d}.json").unlink()

    assert LogFolder.scan(log).invalid_files == [checkpoint(log), log / HINT]


@pytest.mark.parametrize("hint", ["", "[]", json.dumps({"version": 7})])
def test_a_hint_that_names_no_checkpoint_is_invalid(log, hint):
    (log / HINT).write_text(hint)

    assert LogFolder.scan(log).invalid_files == [log / HINT]


def test_the_first_gap_is_after_the_base(small_lake, commit):
    commit(1).write_bytes(b"")

    scanned = LogFolder.scan(small_lake / EVENTS / "_delta_log")

    assert (scanned.first_gap(2), scanned.first_gap(0)) == (1, None)


def test_the_files_of_a_tail_begin_with_the_hint_and_the_newest_commit(log):
    (log / f"{1:020d}.crc").write_text("{}")

    files = LogFolder.scan(log).files_from(1)

    commits = [log / f"{version:020d}.json" for version in (2, 1)]
    assert files == [log / HINT, checkpoint(log), log / f"{1:020d}.crc", *commits]


def test_a_log_that_is_not_there_cannot_be_listed(tmp_path):
    with pytest.raises(FileNotFoundError):
        LogFolder.scan(tmp_path / "none")


def test_a_whole_parquet_file_has_its_size_and_both_ends(small_lake):
    file = next((small_lake / EVENTS).glob("*.parquet"))
    size = file.stat().st_size
    assert is_whole_parquet(file) and is_whole_parquet(file, size)
    assert not is_whole_parquet(file, size - 1)

    file.write_bytes(bytes(size))

    assert not is_whole_parquet(file, size)
    assert not is_whole_parquet(file.with_name("none"))


@pytest.mark.parametrize(("content", "actions"), [(b'{"a": 1}\n', [{"a": 1}]), (b"", None), (b"[1]", None)])
def test_a_commit_is_lines_of_json_objects(content, actions):
    assert parse_commit(content) == actions
