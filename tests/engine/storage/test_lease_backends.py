import time
from datetime import timedelta
from threading import Barrier, Thread

import obstore
import pytest
from obstore.store import MemoryStore

from shoplake.engine.storage import lease_backends
from shoplake.engine.storage.lease_backends import LEASE_FILE, ConditionalPutBackend, LeaseHeldError, lease_backend
from shoplake.errors import StorageAccessError


@pytest.fixture
def objects():
    return MemoryStore()


def note(who, beat=0):
    return {"token": who, "beat": beat}


def taken_by(objects, who):
    hold = ConditionalPutBackend(objects)
    hold.acquire(note(who))
    return hold


def holder(objects):
    return lease_backends._read(bytes(obstore.get(objects, LEASE_FILE).bytes())).get("token")


@pytest.fixture
def all_are_dead(monkeypatch):
    monkeypatch.setattr(lease_backends, "LEASE_TTL", timedelta(0))


def test_a_note_that_is_there_is_not_overwritten(objects):
    taken_by(objects, "one")

    with pytest.raises(LeaseHeldError) as error:
        taken_by(objects, "other")

    assert (error.value.holder["token"], holder(objects)) == ("one", "one")


def test_what_is_given_back_can_be_taken(objects):
    taken_by(objects, "one").release()

    taken_by(objects, "other")

    assert holder(objects) == "other"


def test_a_note_grows_old_by_the_clock_of_the_store(objects, monkeypatch):
    monkeypatch.setattr(lease_backends, "LEASE_TTL", timedelta(seconds=0.2))
    taken_by(objects, "one")
    with pytest.raises(LeaseHeldError):
        taken_by(objects, "other")
    time.sleep(0.3)

    taken_by(objects, "other")

    assert holder(objects) == "other"
    assert [each["path"] for each in obstore.list(objects).collect()] == [LEASE_FILE]


def test_who_was_taken_for_dead_cannot_keep_it(objects, all_are_dead):
    dead = taken_by(objects, "dead")
    alive = taken_by(objects, "alive")

    with pytest.raises(LeaseHeldError) as error:
        dead.renew(note("dead", 1))
    dead.release()
    alive.renew(note("alive", 1))

    assert (error.value.holder["token"], holder(objects)) == ("alive", "alive")


def test_of_many_who_find_it_free_one_has_it(objects):
    obstore.put(objects, LEASE_FILE, b"{}")
    ready, outcome = Barrier(8), []

    def reach(who):
        ready.wait()
        try:
            outcome.append(taken_by(objects, who) and who)
        except LeaseHeldError:
            outcome.append(None)

    threads = [Thread(target=reach, args=(f"p{number}",)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert [who for who in outcome if who] == [holder(objects)]


def test_a_beat_whose_answer_was_lost_is_known_as_ones_own(objects):
    hold = taken_by(objects, "one")
    before = hold._tag
    hold.renew(note("one", 1))
    hold._tag = before

    hold.renew(note("one", 2))
    hold.renew(note("one", 3))

    assert holder(objects) == "one"


def test_a_note_that_went_is_lost(objects):
    hold = taken_by(objects, "one")
    obstore.delete(objects, LEASE_FILE)

    with pytest.raises(LeaseHeldError):
        hold.renew(note("one", 1))


@pytest.mark.parametrize("damaged", [b'{"owner": ', b"", b"[1]"])
def test_a_note_that_is_damaged_stops_nobody(objects, damaged):
    obstore.put(objects, LEASE_FILE, damaged)

    taken_by(objects, "one")

    assert holder(objects) == "one"


def test_a_store_that_heeds_no_conditions_is_refused(objects, monkeypatch):
    put = obstore.put
    monkeypatch.setattr(obstore, "put", lambda store, path, said, **_: put(store, path, said))

    with pytest.raises(StorageAccessError, match="heeds If-None-Match"):
        taken_by(objects, "one")


def test_an_object_store_on_the_wire_heeds_conditions_too(bucket, all_are_dead):
    dead, alive = lease_backend(f"{bucket}/lake"), lease_backend(f"{bucket}/lake")
    dead.acquire(note("dead"))
    alive.acquire(note("alive"))

    with pytest.raises(LeaseHeldError):
        dead.renew(note("dead", 1))
    dead.release()
    alive.renew(note("alive", 1))
