import pytest

from shoplake.serve.keys.key_store import LOGIN_S, SESSION_S, KeyStore, UnknownKeyError, open_keys
from shoplake.serve.keys.role import SERVICE
from shoplake.serve.keys.secret import create_secret
from shoplake.settings.serve_settings import ServeSettings


class Clock:
    """A clock that a test sets."""

    now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(tmp_path, clock):
    return KeyStore(tmp_path / "keys.sqlite", clock)


def test_a_key_gives_the_access_of_its_role(keys):
    key, secret = keys.create("service")

    access = keys.authenticate(secret)

    assert (access.holder, access.role, access.is_session) == (key.id, SERVICE, False)


def test_the_file_holds_no_secret(keys, tmp_path):
    _, secret = keys.create("service")
    keys.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    assert secret.encode() not in (tmp_path / "keys.sqlite").read_bytes()


def test_an_unknown_or_malformed_key_gives_no_access(keys):
    assert keys.authenticate(create_secret()) is None
    assert keys.authenticate("' OR 1=1 --") is None


def test_a_key_expires(keys, clock):
    key, secret = keys.create("service", 60)
    clock.now += 60

    assert keys.authenticate(secret) is None
    assert key.state(clock.now) == "expired"


def test_a_revoked_key_and_its_sessions_are_void_at_once(keys, clock):
    key, secret = keys.create("service")
    session = keys.open_session(keys.authenticate(secret))
    keys.revoke(key.id)

    assert keys.authenticate(secret) is None
    assert keys.find_session(session) is None
    assert [each.state(clock.now) for each in keys.list()] == ["revoked"]


def test_revoking_an_unknown_key_names_the_nearest(keys):
    key, _ = keys.create("service")

    with pytest.raises(UnknownKeyError, match=f"Unknown key 'key-'. Did you mean '{key.id}'|There are: {key.id}"):
        keys.revoke("key-")


def test_a_login_opens_one_session_only(keys):
    token = keys.create_login("admin")

    assert keys.redeem_login(token).role.name == "admin"
    assert keys.redeem_login(token) is None


def test_a_login_is_void_after_an_hour(keys, clock):
    token = keys.create_login("admin")
    clock.now += LOGIN_S

    assert keys.redeem_login(token) is None


def test_a_session_ends_after_twelve_hours(keys, clock):
    session = keys.open_session(keys.redeem_login(keys.create_login("admin")))
    clock.now += SESSION_S - 1
    assert keys.find_session(session).is_session
    clock.now += 1

    assert keys.find_session(session) is None


def test_a_session_ends_with_the_expiry_of_its_key(keys, clock):
    _, secret = keys.create("service", 60)
    session = keys.open_session(keys.authenticate(secret))
    clock.now += 60

    assert keys.find_session(session) is None


def test_a_closed_session_is_void(keys):
    session = keys.open_session(keys.redeem_login(keys.create_login("admin")))
    keys.close_session(session)

    assert keys.find_session(session) is None


def test_the_keys_of_a_lake_lie_in_its_folder(tmp_path):
    open_keys(ServeSettings(folder=str(tmp_path / ".shoplake"))).create("analyst")

    assert (tmp_path / ".shoplake" / "keys.sqlite").is_file()
