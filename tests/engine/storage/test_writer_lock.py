import json
import threading
import time
from datetime import timedelta

import pytest

from shoplake.engine.storage import writer_lock as module
from shoplake.engine.storage.lease import Lease
from shoplake.engine.storage.lease_backends import LEASE_FILE
from shoplake.engine.storage.writer_lock import WriterLock
from shoplake.errors import LakeLockedError


@pytest.fixture
def lake(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "RECORD_WAIT_S", 0.3)
    return str(tmp_path / "lake")


def test_whoever_works_under_a_lease_may_write_while_it_is_held(lake):
    with Lease(lake, "test") as lease, WriterLock(lake, lease.token) as pen:
        pen.check()


def test_work_under_a_lease_that_was_given_back_is_refused(lake):
    with Lease(lake, "test") as lease:
        pass
    with pytest.raises(LakeLockedError, match="has ended"):
        WriterLock(lake, lease.token).__enter__()


def test_work_under_a_lease_that_another_owner_has_now_is_refused_at_once_and_drops_the_pen(lake):
    with Lease(lake, "test") as first:
        pass
    with Lease(lake, "test") as second:
        with pytest.raises(LakeLockedError, match="has ended"):
            WriterLock(lake, first.token).__enter__()
        with WriterLock(lake, second.token):
            pass


def test_work_under_a_lease_whose_owner_is_not_heard_of_any_more_is_refused(lake, monkeypatch):
    monkeypatch.setattr(module, "OWNER_TIMEOUT", timedelta(0))
    with Lease(lake, "test") as lease, pytest.raises(LakeLockedError):
        WriterLock(lake, lease.token).check()


def test_a_note_that_is_just_being_written_is_waited_for(lake, tmp_path):
    with Lease(lake, "test") as lease:
        note = tmp_path / "lake" / LEASE_FILE
        said = note.read_text()
        note.write_text(said[:10])
        threading.Timer(0.1, note.write_text, [said]).start()
        WriterLock(lake, lease.token).check()
        assert json.loads(note.read_text())["token"] == lease.token


def test_a_new_owner_waits_for_what_an_earlier_ones_death_left_at_work(lake):
    has_pen = threading.Event()

    def work(lease):
        with WriterLock(lake, lease.token):
            has_pen.set()
            time.sleep(0.3)

    with Lease(lake, "test") as lease:
        orphan = threading.Thread(target=work, args=[lease])
        orphan.start()
        assert has_pen.wait(5)
    began = time.monotonic()
    with Lease(lake, "test"):
        assert time.monotonic() - began > 0.1
    orphan.join()


def test_a_new_owner_does_not_wait_for_ever_and_leaves_no_lease_behind(lake, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ACQUIRE_TIMEOUT_S", 0.1)
    with Lease(lake, "test") as lease:
        orphan = WriterLock(lake, lease.token)
        orphan.__enter__()
    with pytest.raises(LakeLockedError, match="still writing"):
        Lease(lake, "test").__enter__()
    assert not (tmp_path / "lake" / LEASE_FILE).exists()
    orphan.__exit__()
