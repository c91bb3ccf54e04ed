from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from shoplake.engine.storage.upkeep.past_versions import commit_times, is_readable, last_commit_at, version_files


@pytest.fixture
def at(tmp_path):
    """A table of two versions, the second of which replaces the file of the first."""
    for number in range(2):
        write_deltalake(str(tmp_path / "t"), pa.table({"n": [number]}), mode="overwrite")
    return str(tmp_path / "t")


def test_each_version_in_the_log_has_its_time(at):
    times = commit_times(at)

    assert list(times) == [0, 1] and times[0] <= times[1] <= datetime.now(UTC)
    assert last_commit_at(at) == times[1]


def test_a_version_is_readable_while_its_log_and_files_are_there(at):
    [first] = version_files(at, 0)

    before = [is_readable(at, version) for version in (0, 1, 2)]
    Path(at, first).unlink()

    assert before == [True, True, False]
    assert [is_readable(at, version) for version in (0, 1)] == [False, True]
