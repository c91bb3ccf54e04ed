from threading import Thread

import pytest

from shoplake.engine.storage.locks.lease_backends import FileLockBackend, LeaseHeldError, LeaseRecord, lease_backend


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"not json"])
def test_a_record_that_is_free_or_damaged_names_no_holder(text):
    assert LeaseRecord.parse(text) is None


def test_a_record_is_read_as_it_was_written():
    record = LeaseRecord("token", owner="ada", process=7, beat="1")

    assert LeaseRecord.parse(record.to_json()) == record


def test_a_folder_has_a_lock_that_one_backend_holds_and_another_finds_held(tmp_path):
    holder = lease_backend(str(tmp_path))
    holder.acquire(LeaseRecord("mine", owner="ada"))
    found = []

    def other():
        with pytest.raises(LeaseHeldError) as raised:
            FileLockBackend(tmp_path).acquire(LeaseRecord("theirs"))
        found.append(raised.value.holder.owner)

    thread = Thread(target=other)
    thread.start()
    thread.join()
    holder.release()
    assert found == ["ada"]
