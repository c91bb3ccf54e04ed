import sqlite3

import pytest

from shoplake.serve.keys.access import Access
from shoplake.serve.keys.access_cache import MAX_AGE_S, MAX_KEYS, AccessCache
from shoplake.serve.keys.database import KeyDatabase
from shoplake.serve.keys.key_store import KeyStore
from shoplake.serve.keys.role import ADMIN

ACCESS = Access("key-1", ADMIN)


@pytest.fixture
def cache(tmp_path):
    found = AccessCache(KeyDatabase(tmp_path / "keys.sqlite"))
    found.find(b"", 0)
    return found


def test_an_access_is_remembered_until_it_expires(cache):
    cache.put(b"1", ACCESS, 100)

    assert (cache.find(b"1", 99), cache.find(b"1", 100), cache.find(b"2", 0)) == (ACCESS, None, None)


def test_a_change_by_another_process_empties_it(cache, tmp_path):
    cache.put(b"1", ACCESS, None)
    with sqlite3.connect(tmp_path / "keys.sqlite") as other:
        other.execute("INSERT INTO keys VALUES ('key-2', x'00', 'admin', '', 0, NULL, NULL)")
    other.close()

    assert cache.find(b"1", MAX_AGE_S) is None


def test_changes_are_looked_for_where_the_clock_was_turned_back(cache, tmp_path):
    cache.put(b"1", ACCESS, None)
    cache.find(b"1", 100)
    with sqlite3.connect(tmp_path / "keys.sqlite") as other:
        other.execute("INSERT INTO keys VALUES ('key-2', x'00', 'admin', '', 0, NULL, NULL)")
    other.close()

    assert cache.find(b"1", 50) is None


def test_it_holds_a_bounded_number_of_keys(cache):
    for number in range(MAX_KEYS + 1):
        cache.put(str(number).encode(), ACCESS, None)

    assert [cache.find(str(number).encode(), 0) for number in (0, MAX_KEYS)] == [None, ACCESS]


def test_a_key_revoked_here_is_refused_at_once_and_one_revoked_elsewhere_10_ms_later(tmp_path):
    now = [0.0]
    here, there = KeyStore(tmp_path / "keys.sqlite", clock=lambda: now[0]), KeyStore(tmp_path / "keys.sqlite")
    keys = [here.create("admin"), here.create("admin")]
    assert all(here.authenticate(secret) for _, secret in keys)

    here.revoke(keys[0][0].id)
    assert here.authenticate(keys[0][1]) is None
    there.revoke(keys[1][0].id)
    now[0] = 0.01
    assert here.authenticate(keys[1][1]) is None


def test_a_remembered_key_expires(tmp_path):
    now = [0.0]
    keys = KeyStore(tmp_path / "keys.sqlite", clock=lambda: now[0])
    _, secret = keys.create("admin", expires_s=60)
    assert keys.authenticate(secret) is not None

    now[0] = 61
    assert keys.authenticate(secret) is None
