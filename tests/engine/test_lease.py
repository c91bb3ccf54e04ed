import json
import os
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shoplake.engine import lease as module
from shoplake.engine.lease import FILE, Lease, Pen
from shoplake.errors import LakeBusy

HOLD = """
import sys, time
from shoplake.engine.lease import Lease
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
def store(tmp_path):
    """A lake whose address says that its storage locks nothing."""
    (tmp_path / "store").mkdir()
    return f"file://{tmp_path}/store"


def noted(lake):
    return Path(lake.removeprefix("file://"), FILE)


def note(lake):
    return json.loads(noted(lake).read_text())


def test_a_second_holder_is_refused_and_told_who_holds_it(lake, other):
    with pytest.raises(LakeBusy) as error, Lease(lake, "test"):
        pass

    assert f"Process {other.pid} on {socket.gethostname()} has been writing to {lake} since 20" in str(error.value)
    assert "Wait until it is done, or stop it." in str(error.value)


def test_a_second_holder_in_the_same_process_is_refused_too(lake):
    with Lease(lake, "one"), pytest.raises(LakeBusy, match=f"Process {os.getpid()} on"), Lease(lake, "other"):
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
    monkeypatch.setattr(module, "BEATS_EVERY_S", 0.01)
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


@pytest.mark.parametrize(("age", "is_refused"), [(5, True), (31, False)])
def test_where_nothing_locks_only_a_holder_whose_heart_beats_is_alive(store, age, is_refused):
    heard = datetime.now(UTC) - timedelta(seconds=age)
    said = {"owner": "x", "process": 1, "host": "h", "since": heard.isoformat(), "heartbeat_at": heard.isoformat()}
    noted(store).write_text(json.dumps(said))

    if is_refused:
        with pytest.raises(LakeBusy, match="Process 1 on h has been writing"), Lease(store, "test"):
            pass
    else:
        with Lease(store, "test"):
            assert note(store)["process"] == os.getpid()


def test_a_note_that_is_damaged_stops_nobody(store):
    noted(store).write_text('{"owner": ')

    with Lease(store, "test"):
        assert note(store)["owner"] == "test"


def test_whoever_works_under_a_lease_may_write_while_it_is_held(lake):
    with Lease(lake, "test") as lease, Pen(lake, lease.id) as pen:
        pen.check()


def test_work_under_a_lease_that_another_owner_has_taken_over_is_refused(lake):
    with Lease(lake, "test") as first:
        pass
    with Lease(lake, "test"), pytest.raises(LakeBusy, match="has ended"), Pen(lake, first.id):
        pass


def test_work_under_a_lease_whose_owner_is_not_heard_of_any_more_is_refused(lake, monkeypatch):
    monkeypatch.setattr(module, "DEAD_AFTER", timedelta(seconds=-1))
    monkeypatch.setattr(module, "BEATS_EVERY_S", 0.05)
    with Lease(lake, "test") as lease, pytest.raises(LakeBusy), Pen(lake, lease.id):
        pass


def test_a_new_owner_waits_for_what_an_earlier_ones_death_left_at_work(lake):
    has_pen = threading.Event()

    def work(lease):
        with Pen(lake, lease.id):
            has_pen.set()
            time.sleep(0.3)

    with Lease(lake, "test") as lease:
        orphan = threading.Thread(target=work, args=[lease])
        orphan.start()
        assert has_pen.wait(5)
    with Lease(lake, "test"):
        orphan.join(0.1)
        assert not orphan.is_alive()


def test_a_new_owner_does_not_wait_for_ever(lake, monkeypatch):
    monkeypatch.setattr(module, "PEN_WITHIN_S", 0.1)
    with Lease(lake, "test") as lease, Pen(lake, lease.id):
        lease._let_go()
        with pytest.raises(LakeBusy, match="still writing"):
            Lease(lake, "test").__enter__()
