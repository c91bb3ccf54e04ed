import hashlib
import subprocess

import pytest

from engine.storage.conftest import EVENTS, add_row
from shoplake.engine.storage.durability import written_files
from shoplake.engine.storage.durability.durable_heads import begin_repair, end_repair, forget_heads, mark_durable
from shoplake.engine.storage.durability.written_files import FILE, find_altered

LOG = f"{EVENTS}/_delta_log"


def names(lake):
    return [line.split("  ")[1] for line in (lake / FILE).read_text().splitlines()]


@pytest.fixture
def state_lake(small_lake):
    """The lake of one table, as a table of the state store."""
    (small_lake / "ops").mkdir()
    (small_lake / EVENTS).rename(small_lake / "ops" / "files")
    mark_durable(str(small_lake))
    return small_lake


def test_every_commit_of_a_log_has_a_line_that_sha256sum_checks(small_lake):
    mark_durable(str(small_lake))

    check = subprocess.run(["sha256sum", "--check", "--quiet", FILE], cwd=small_lake, check=False)

    assert names(small_lake) == [f"{LOG}/{version:020d}.json" for version in range(3)]
    assert check.returncode == 0


def test_only_new_commits_are_appended(small_lake):
    mark_durable(str(small_lake))
    before = (small_lake / FILE).read_bytes()
    add_row(small_lake, 3)

    mark_durable(str(small_lake))

    assert (small_lake / FILE).read_bytes().startswith(before)
    assert names(small_lake)[3:] == [f"{LOG}/{3:020d}.json"]


def test_a_commit_with_another_bit_is_named(small_lake, commit):
    mark_durable(str(small_lake))
    content = bytearray(commit(1).read_bytes())
    content[50] ^= 1
    commit(1).write_bytes(content)

    assert list(find_altered(str(small_lake))) == [f"{LOG}/{1:020d}.json"]
    assert list(find_altered(str(small_lake), ["silver/others"])) == []


def test_a_data_file_of_the_state_store_with_another_bit_is_named(state_lake):
    file = next(iter(sorted((state_lake / "ops" / "files").glob("**/*.parquet"))))
    content = bytearray(file.read_bytes())
    content[20] ^= 1
    file.write_bytes(content)

    assert list(find_altered(str(state_lake))) == [str(file.relative_to(state_lake))]


def test_files_that_are_removed_are_no_damage(small_lake, commit):
    mark_durable(str(small_lake))
    commit(0).unlink()

    assert list(find_altered(str(small_lake))) == []


@pytest.mark.parametrize("forget", [forget_heads, begin_repair])
def test_a_table_that_is_built_anew_has_no_old_lines(small_lake, commit, forget):
    mark_durable(str(small_lake))
    forget(str(small_lake), [EVENTS])
    assert (small_lake / FILE).read_text() == ""

    content = commit(0).read_bytes() + b"\n"
    commit(0).write_bytes(content)
    mark_durable(str(small_lake))
    end_repair(str(small_lake))

    assert (small_lake / FILE).read_text().startswith(hashlib.sha256(content).hexdigest())
    assert list(find_altered(str(small_lake))) == []


def test_a_line_that_was_cut_off_is_written_over(small_lake):
    mark_durable(str(small_lake))
    record = small_lake / FILE
    record.write_bytes(record.read_bytes()[:-10])
    add_row(small_lake, 3)

    mark_durable(str(small_lake))

    assert [name[-6:] for name in names(small_lake)] == ["0.json", "1.json", "3.json"]


def test_a_large_record_loses_the_lines_of_files_that_are_gone(small_lake, commit, monkeypatch):
    mark_durable(str(small_lake))
    monkeypatch.setattr(written_files, "PRUNED_ABOVE", 10)
    add_row(small_lake, 3)
    commit(0).unlink()
    commit(1).unlink()

    mark_durable(str(small_lake))

    assert [name[-6:] for name in names(small_lake)] == ["2.json", "3.json"]
