import os
import time
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from shoplake.engine.storage.upkeep.table_files import clean_log, scan_table_files

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
DAY_S = 86_400


@pytest.fixture
def at(tmp_path):
    """A table of two partitions: six files of one and one of the other."""
    folder = str(tmp_path / "lake/silver/marks")
    for number, day in enumerate(["2026-03-01"] * 6 + ["2026-03-02"]):
        rows = pa.table({"day": [day], "n": [number]})
        write_deltalake(folder, rows, mode="append", partition_by=["day"])
    return folder


def scan(at, **options):
    return scan_table_files(at, WEEK, MONTH, **{"small_size": 1 << 20, "max_files": 4} | options)


def age(paths, days):
    """Set the files back by some days."""
    at = time.time() - days * DAY_S
    for path in paths:
        os.utime(path, (at, at))


def test_files_of_one_partition_beyond_the_limit_are_small_files(at):
    found = scan(at)

    assert (found.files, found.small_files, found.version, found.checkpoint) == (7, 5, 6, None)
    assert found.size == sum(path.stat().st_size for path in Path(at).rglob("*.parquet"))
    assert scan(at, max_files=6).small_files == 0


def test_a_file_that_no_version_names_is_unused_once_it_is_old(at):
    leftover = Path(at, "part-left.parquet")
    leftover.write_bytes(b"PAR1" * 4)

    young = scan(at)
    age([leftover], 8)
    old = scan(at)

    assert (young.unused_files, old.unused_files, old.unused_size) == (0, 1, 16)


def test_a_file_that_a_vacuum_has_deleted_is_not_unused_any_more(at):
    write_deltalake(at, pa.table({"day": ["2026-03-01"], "n": [9]}), mode="overwrite", partition_by=["day"])
    before = scan_table_files(at, timedelta(0), MONTH, small_size=1, max_files=4)
    DeltaTable(at).vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)

    after = scan_table_files(at, timedelta(0), MONTH, small_size=1, max_files=4)

    assert (before.unused_files, after.unused_files, after.unused_size) == (7, 0, 0)


def test_commits_leave_the_log_once_an_old_checkpoint_replaces_them(at):
    clean_log(str(Path(at).parents[1]), at, MONTH)
    age(Path(at, "_delta_log").iterdir(), 31)
    before = scan(at)

    clean_log(str(Path(at).parents[1]), at, MONTH)

    after = scan(at)
    assert (before.commits, before.expired_commits, before.expired_until, before.checkpoint) == (7, 6, 5, 6)
    assert (after.commits, after.expired_commits) == (1, 0)
    assert DeltaTable(at).to_pyarrow_table().num_rows == 7


def test_a_retention_of_logs_that_is_not_deltas_own_is_set_at_the_table(at):
    clean_log(str(Path(at).parents[1]), at, timedelta(days=60))

    table = DeltaTable(at)
    assert table.metadata().configuration["delta.logRetentionDuration"] == "interval 1440 hours"
    assert scan(at).commits_since_checkpoint == 0
