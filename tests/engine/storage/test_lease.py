import json
import os
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from obstore.exceptions import GenericError
from obstore.store import MemoryStore

from shoplake.engine.storage import lease as module
from shoplake.engine.storage import lease_backends
from shoplake.engine.storage.lease import Lease
from shoplake.engine.storage.lease_backends import LEASE_FILE, ConditionalPutBackend
from shoplake.errors import LakeLockedError

HOLD = """
import sys, time
from shoplake.engine.storage.lease import Lease
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
def in_memory(monkeypatch):
    """Leases are notes in one store that heeds conditions."""
    objects = MemoryStore()
    monkeypatch.setattr(module, "lease_backend", lambda lake: ConditionalPutBackend(objects))
    return objects


def noted(lake):
    return Path(lake, LEASE_FILE)


def note(lake):
    return json.loads(noted(lake).read_text())


def test_a_second_holder_is_refused_and_told_who_holds_it(lake, other):
    with pytest.raises(LakeLockedError) as error, Lease(lake, "test"):
        pass

    assert f"Process {other.pid} on {socket.gethostname()} has been writing to {lake} since 20" in str(error.value)
    assert "Wait until it is done, or stop it." in str(error.value)


def test_a_second_holder_in_the_same_process_is_refused_too(lake):
    with Lease(lake, "one"), pytest.raises(LakeLockedError, match=f"Process {os.getpid()} on"), Lease(lake, "other"):
        pass


def test_the_lease_of_a_process_that_was_killed_can_be_taken_at_once(lake, other):
    other.kill()
    other.wait()

    with Lease(lake, "test"):
        assert note(lake)["process"] == os.getpid()


def test_it_can_be_taken_again_when_it_was_given_back(lake):
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


def test_the_heart_beats_while_it_is_held(lake, monkeypatch):
    beats, beat = [], Lease._beat
    monkeypatch.setattr(module, "HEARTBEAT_INTERVAL_S", 0.01)
    monkeypatch.setattr(Lease, "_beat", lambda self: (beats.append(1), beat(self)))

    with Lease(lake, "one"):
        time.sleep(0.2)
    beaten = len(beats)
    time.sleep(0.1)

    assert beaten > 2
    assert len(beats) <= beaten + 1


def test_it_is_given_back_though_its_note_is_gone(lake):
    with Lease(lake, "one"):
        noted(lake).unlink()

    with Lease(lake, "other"):
        assert note(lake)["owner"] == "other"


def test_in_a_store_a_second_holder_is_refused_too(in_memory):
    with (
        Lease("s3://b", "one"),
        pytest.raises(LakeLockedError, match=f"Process {os.getpid()} on"),
        Lease("s3://b", "other"),
    ):
        pass

    with Lease("s3://b", "other"):
        pass


def test_who_lost_the_lease_is_told_before_the_next_write(in_memory, monkeypatch):
    monkeypatch.setattr(lease_backends, "LEASE_TTL", timedelta(0))
    with Lease("s3://b", "asleep") as asleep, Lease("s3://b", "other") as other:
        monkeypatch.setattr(module, "HEARTBEAT_INTERVAL_S", 0)

        with pytest.raises(LakeLockedError, match="lost its lease of s3://b to Process"):
            asleep.check()
        other.check()


def test_who_lost_the_lease_does_not_give_back_the_others(in_memory, monkeypatch):
    monkeypatch.setattr(lease_backends, "LEASE_TTL", timedelta(0))
    with Lease("s3://b", "other") as other:
        with Lease("s3://b", "later"):
            pass
        monkeypatch.setattr(module, "HEARTBEAT_INTERVAL_S", 0)

        with pytest.raises(LakeLockedError):
            other.check()


def test_a_store_that_does_not_answer_one_beat_may_answer_the_next(in_memory, monkeypatch):
    beats = []

    def keep(self, note):
        beats.append(1)
        raise GenericError("no answer")

    monkeypatch.setattr(module, "HEARTBEAT_INTERVAL_S", 0.01)
    monkeypatch.setattr(ConditionalPutBackend, "renew", keep)

    with Lease("s3://b", "one"):
        time.sleep(0.1)

    assert len(beats) > 1


def test_the_lease_of_a_local_lake_cannot_be_lost(lake, monkeypatch):
    with Lease(lake, "one") as lease:
        monkeypatch.setattr(module, "HEARTBEAT_INTERVAL_S", 0)
        lease.check()
