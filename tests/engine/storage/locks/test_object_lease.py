import time
from datetime import timedelta
from threading import Barrier, Thread

import obstore
import pytest
from obstore.store import MemoryStore

from shoplake.engine.storage.filesystem import object_store
from shoplake.engine.storage.locks.lease_backends import LEASE_FILE, LeaseHeldError, LeaseRecord
from shoplake.engine.storage.locks.object_lease import LEASE_TTL, ConditionalPutBackend
from shoplake.errors import StorageAccessError


@pytest.fixture
def objects():
    return MemoryStore()


def record(who, beat=0):
    return LeaseRecord(token=who, beat=str(beat))


def acquired_by(objects, who, ttl=LEASE_TTL):
    backend = ConditionalPutBackend(objects, ttl)
    backend.acquire(record(who))
    return backend


def holder(objects):
    return LeaseRecord.parse(bytes(obstore.get(objects, LEASE_FILE).bytes())).token


def test_a_note_that_is_there_is_not_overwritten(objects):
    acquired_by(objects, "one")

    with pytest.raises(LeaseHeldError) as error:
        acquired_by(objects, "other")

    assert (error.value.holder.token, holder(objects)) == ("one", "one")


def test_what_is_released_can_be_acquired(objects):
    acquired_by(objects, "one").release()

    acquired_by(objects, "other")

    assert holder(objects) == "other"


def test_a_lease_expires_by_the_clock_of_the_store(objects):
    acquired_by(objects, "one")
    with pytest.raises(LeaseHeldError):
        acquired_by(objects, "other", timedelta(seconds=60))
    time.sleep(0.3)

    acquired_by(objects, "other", timedelta(seconds=0.2))

    assert holder(objects) == "other"
    assert [each["path"] for each in obstore.list(objects).collect()] == [LEASE_FILE]


def test_a_holder_believed_dead_cannot_keep_it(objects):
    dead = acquired_by(objects, "dead")
    alive = acquired_by(objects, "alive", timedelta(0))

    with pytest.raises(LeaseHeldError) as error:
        dead.renew(record("dead", 1))
    dead.release()
    alive.renew(record("alive", 1))

    assert (error.value.holder.token, holder(objects)) == ("alive", "alive")


def test_of_many_who_find_it_free_one_has_it(objects):
    obstore.put(objects, LEASE_FILE, b"{}")
    ready, outcome = Barrier(8), []

    def reach(who):
        ready.wait()
        try:
            outcome.append(acquired_by(objects, who) and who)
        except LeaseHeldError:
            outcome.append(None)

    threads = [Thread(target=reach, args=(f"p{number}",)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert [who for who in outcome if who] == [holder(objects)]


def test_a_beat_whose_answer_was_lost_is_known_as_ones_own(objects):
    hold = acquired_by(objects, "one")
    before = hold._tag
    hold.renew(record("one", 1))
    hold._tag = before

    hold.renew(record("one", 2))
    hold.renew(record("one", 3))

    assert holder(objects) == "one"


def test_a_note_that_went_is_lost(objects):
    hold = acquired_by(objects, "one")
    obstore.delete(objects, LEASE_FILE)

    with pytest.raises(LeaseHeldError):
        hold.renew(record("one", 1))


@pytest.mark.parametrize("damaged", [b'{"owner": ', b"", b"[1]"])
def test_a_note_that_is_damaged_stops_no_one(objects, damaged):
    obstore.put(objects, LEASE_FILE, damaged)

    acquired_by(objects, "one")

    assert holder(objects) == "one"


def test_a_store_that_heeds_no_conditions_is_refused(objects, monkeypatch):
    put = obstore.put
    monkeypatch.setattr(obstore, "put", lambda store, path, output, **_: put(store, path, output))

    with pytest.raises(StorageAccessError, match="heeds If-None-Match"):
        acquired_by(objects, "one")


def test_an_object_store_on_the_wire_heeds_conditions_too(bucket):
    dead = acquired_by(object_store(f"{bucket}/lake"), "dead")
    alive = acquired_by(object_store(f"{bucket}/lake"), "alive", timedelta(0))

    with pytest.raises(LeaseHeldError):
        dead.renew(record("dead", 1))
    dead.release()
    alive.renew(record("alive", 1))
