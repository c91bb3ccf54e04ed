import json
import threading
from datetime import timedelta

import pytest

from shoplake.engine.storage.locks.lease import Lease
from shoplake.engine.storage.locks.lease_backends import LEASE_FILE
from shoplake.engine.storage.locks.writer_lock import WriterLock
from shoplake.errors import LakeLockedError


@pytest.fixture
def lake(tmp_path):
    return str(tmp_path / "lake")


def lock(lake, lease, **options):
    return WriterLock(lake, lease.token, **{"record_wait_s": 0.3, **options})


def test_whoever_works_under_a_lease_may_write_while_it_is_held(lake):
    with Lease(lake, "test") as lease, lock(lake, lease) as held:
        held.check()


def test_work_under_a_lease_that_was_given_back_is_refused(lake):
    with Lease(lake, "test") as lease:
        pass
    with pytest.raises(LakeLockedError, match="has ended"):
        lock(lake, lease).__enter__()


def test_work_under_a_lease_that_another_owner_has_now_is_refused_at_once_and_releases_the_lock(lake):
    with Lease(lake, "test") as first:
        pass
    with Lease(lake, "test") as second:
        with pytest.raises(LakeLockedError, match="has ended"):
            lock(lake, first).__enter__()
        with lock(lake, second):
            pass


def test_work_under_a_lease_whose_owner_no_longer_answers_is_refused(lake):
    with Lease(lake, "test") as lease, pytest.raises(LakeLockedError):
        lock(lake, lease, owner_timeout=timedelta(0)).check()


def test_a_note_that_is_just_being_written_is_waited_for(lake, tmp_path):
    with Lease(lake, "test") as lease:
        note = tmp_path / "lake" / LEASE_FILE
        output = note.read_text()
        note.write_text(output[:10])
        threading.Timer(0.1, note.write_text, [output]).start()
        lock(lake, lease, record_wait_s=30).check()
        assert json.loads(note.read_text())["token"] == lease.token


def test_a_new_owner_waits_for_what_an_earlier_ones_death_left_at_work(lake):
    has_lock, may_end, ended = threading.Event(), threading.Event(), []

    def work(lease):
        with lock(lake, lease):
            has_lock.set()
            may_end.wait(60)
            ended.append(lease)

    with Lease(lake, "test") as lease:
        orphan = threading.Thread(target=work, args=[lease])
        orphan.start()
        assert has_lock.wait(60)
    threading.Timer(0.2, may_end.set).start()
    with Lease(lake, "test"):
        assert ended == [lease]
    orphan.join()


def test_a_new_owner_does_not_wait_for_ever_and_leaves_no_lease_behind(lake, tmp_path):
    with Lease(lake, "test") as lease:
        orphan = lock(lake, lease)
        orphan.__enter__()
    with pytest.raises(LakeLockedError, match="still writing"):
        Lease(lake, "test", writer_timeout_s=0.1).__enter__()
    assert not (tmp_path / "lake" / LEASE_FILE).exists()
    orphan.__exit__()
