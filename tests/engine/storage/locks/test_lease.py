import json
import logging
import os
import re
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from obstore.exceptions import GenericError
from obstore.store import MemoryStore

from shoplake.engine.storage.locks.lease import Lease
from shoplake.engine.storage.locks.lease_backends import LEASE_FILE
from shoplake.engine.storage.locks.object_lease import LEASE_TTL, ConditionalPutBackend
from shoplake.errors import LakeLockedError

HOLD = """
import sys, time
from shoplake.engine.storage.locks.lease import Lease
with Lease(sys.argv[1], "shoplake run"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def lake(tmp_path):
    return str(tmp_path / "lake")


@pytest.fixture
def other(lake):
    """Another process that holds the lease."""
    held = subprocess.Popen([sys.executable, "-c", HOLD, lake], stdout=subprocess.PIPE, text=True)
    assert held.stdout.readline() == "held\n"
    yield held
    held.kill()
    held.communicate()


@pytest.fixture
def in_store():
    """A lease in one object store that heeds conditions."""
    objects = MemoryStore()

    def lease(owner, ttl=LEASE_TTL, **options):
        return Lease("s3://b", owner, backend=ConditionalPutBackend(objects, ttl), **options)

    return lease


def noted(lake):
    return Path(lake, LEASE_FILE)


def note(lake):
    return json.loads(noted(lake).read_text())


def test_a_second_holder_is_refused_with_who_holds_it(lake, other):
    with pytest.raises(LakeLockedError) as error, Lease(lake, "test"):
        pass

    assert f"Process {other.pid} on {socket.gethostname()} has been writing to {lake} since 20" in str(error.value)
    assert re.search(r"since [\d-]+ [\d:]+ UTC, last heartbeat at [\d-]+ [\d:]+ UTC\. Wait until", str(error.value))


def test_a_second_holder_in_the_same_process_is_refused_too(lake):
    with Lease(lake, "one"), pytest.raises(LakeLockedError, match=f"Process {os.getpid()} on"), Lease(lake, "other"):
        pass


def test_the_lease_of_a_process_that_was_killed_can_be_acquired_at_once(lake, other):
    other.kill()
    other.wait()

    with Lease(lake, "test"):
        assert note(lake)["process"] == os.getpid()


def test_it_can_be_acquired_again_when_it_was_released(lake):
    for owner in ("one", "other"):
        with Lease(lake, owner):
            assert note(lake)["owner"] == owner

    assert not noted(lake).exists()


def test_it_is_given_back_when_the_work_fails(lake):
    with pytest.raises(ValueError, match="oops"), Lease(lake, "one"):
        raise ValueError("oops")

    with Lease(lake, "other"):
        pass


def test_leases_of_two_lakes_do_not_meet(tmp_path):
    with Lease(str(tmp_path / "a"), "one"), Lease(str(tmp_path / "b"), "other"):
        pass


class CountingBackend:
    """Counts renewals; `has_renewed` more than twice."""

    def __init__(self, error=None):
        self.renewals, self.error, self.has_renewed = 0, error, threading.Event()

    def acquire(self, record):
        pass

    def renew(self, record):
        self.renewals += 1
        if self.renewals > 2:
            self.has_renewed.set()
        if self.error:
            raise self.error

    def release(self):
        pass


def test_the_lease_is_renewed_while_it_is_held_and_not_after(lake):
    backend = CountingBackend()

    with Lease(lake, "one", backend=backend, heartbeat_interval_s=0.01):
        assert backend.has_renewed.wait(60)
    renewals = backend.renewals
    time.sleep(0.1)

    assert backend.renewals == renewals


def test_it_is_given_back_though_its_note_is_gone(lake):
    with Lease(lake, "one"):
        noted(lake).unlink()

    with Lease(lake, "other"):
        assert note(lake)["owner"] == "other"


def test_in_a_store_a_second_holder_is_refused_too(in_store):
    with in_store("one"), pytest.raises(LakeLockedError, match=f"Process {os.getpid()} on"), in_store("other"):
        pass

    with in_store("other"):
        pass


def test_a_second_holder_in_a_store_learns_when_the_lease_of_a_killed_process_ends(in_store):
    hint = r"or stop it\. If it was killed, run again 30 seconds after its last heartbeat\."
    with in_store("one"), pytest.raises(LakeLockedError, match=hint), in_store("other"):
        pass

    assert LEASE_TTL.total_seconds() == 30


def test_who_lost_the_lease_learns_it_before_the_next_write(in_store):
    with in_store("asleep", max_silence_s=0) as asleep, in_store("other", ttl=timedelta(0)) as other:
        with pytest.raises(LakeLockedError, match="lost its lease of s3://b to Process"):
            asleep.check()
        other.check()


def test_who_lost_the_lease_does_not_release_the_others(in_store):
    with in_store("other", max_silence_s=0) as other:
        with in_store("later", ttl=timedelta(0)):
            pass

        with pytest.raises(LakeLockedError):
            other.check()


def test_a_store_that_does_not_answer_one_renewal_may_answer_the_next():
    backend = CountingBackend(GenericError("no answer"))

    with Lease("s3://b", "one", backend=backend, heartbeat_interval_s=0.01):
        assert backend.has_renewed.wait(60)


def test_the_lease_of_a_local_lake_cannot_be_lost(lake):
    with Lease(lake, "one", max_silence_s=0) as lease:
        lease.check()


def test_what_happens_to_a_lease_is_logged(in_store, caplog):
    caplog.set_level(logging.DEBUG, "shoplake.engine.lease")

    with in_store("asleep", max_silence_s=0) as asleep:
        asleep.check()
        with in_store("other", ttl=timedelta(0)), pytest.raises(LakeLockedError):
            asleep.check()

    events = {record.getMessage().split(":")[0] for record in caplog.records}
    host = socket.gethostname()
    assert {"lease acquired by asleep", "lease renewed", f"lease lost to Process {os.getpid()} on {host}"} <= events
