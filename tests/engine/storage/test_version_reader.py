import pyarrow as pa
import pytest
from deltalake import write_deltalake

from shoplake.engine.storage.version_reader import read_version
from shoplake.errors import VersionNotFoundError


@pytest.fixture
def path(tmp_path):
    """A table whose version 0 has one row and version 1 has two."""
    path = str(tmp_path / "numbers")
    write_deltalake(path, pa.table({"n": [1]}))
    write_deltalake(path, pa.table({"n": [2]}), mode="append")
    return path


def test_the_rows_of_an_earlier_version_are_read(path):
    assert read_version(path, 0).read_all().to_pylist() == [{"n": 1}]
    assert read_version(path, 1).read_all().num_rows == 2


def test_a_version_that_does_not_exist_is_named(path):
    with pytest.raises(VersionNotFoundError, match="numbers has no version 7"):
        read_version(path, 7)
