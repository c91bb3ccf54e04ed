import errno
import os

import duckdb
import pytest

from shoplake.full_disk import is_of_full_disk


@pytest.mark.parametrize(
    "message", [os.strerror(errno.ENOSPC), "Unable to copy: No space left on device (os error 28)"]
)
def test_what_the_system_says_of_a_full_disk_is_recognized(message):
    assert is_of_full_disk(message)


def test_a_database_on_a_full_disk_is_recognized():
    with duckdb.connect() as connection, pytest.raises(duckdb.IOException) as refused:
        connection.execute("COPY (SELECT * FROM range(100000)) TO '/dev/full' (FORMAT csv)")

    assert is_of_full_disk(str(refused.value))


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.EDQUOT])
def test_another_refusal_of_the_system_is_none_of_a_full_disk(code):
    assert not is_of_full_disk(os.strerror(code))
