"""API keys, one-time logins and sessions: create, list, revoke, authenticate."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shoplake.errors import ShoplakeError, hint
from shoplake.serve.keys.access import Access
from shoplake.serve.keys.access_cache import AccessCache
from shoplake.serve.keys.database import KeyDatabase
from shoplake.serve.keys.role import ROLES, find_role
from shoplake.serve.keys.secret import create_secret, hash_secret, is_well_formed
from shoplake.serve.keys.signing_secret import load_signing_secret
from shoplake.settings.serve_settings import ServeSettings

FILE = "keys.sqlite"
SIGNING_SECRET = "signing_secret"  # nosec B105  # the name of a file
SESSION_S = 12 * 3600
LOGIN_S = 3600
"""A one-time login URL that nobody opens is void after this time."""
FIND_KEY = """
SELECT id, role, expires_at FROM keys
WHERE hash = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)
"""
FIND_SESSION = """
SELECT holder, role FROM sessions WHERE hash = ? AND expires_at > ? AND (holder LIKE 'login-%' OR holder IN
    (SELECT id FROM keys WHERE revoked_at IS NULL AND (keys.expires_at IS NULL OR keys.expires_at > ?)))
"""


class UnknownKeyError(ShoplakeError):
    """No key has this id."""


@dataclass(frozen=True)
class Key:
    """A key without its secret. Times are seconds since 1970 (UTC)."""

    id: str
    role: str
    label: str
    created_at: int
    expires_at: int | None
    revoked_at: int | None

    def state(self, now: float) -> str:
        """Return active, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"


class KeyStore:
    """Keys, logins and sessions of one lake. Only SHA-256 hashes of secrets are stored."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.database, self._clock = KeyDatabase(path), clock
        self._known = AccessCache(self.database)
        self.signing_secret = load_signing_secret(path.with_name(SIGNING_SECRET))

    def create(self, role: str, expires_s: float | None = None, label: str = "") -> tuple[Key, str]:
        """Return a new key and its secret, which is not stored. Raises UnknownRoleError."""
        secret, now = create_secret(), int(self._clock())
        expires_at = None if expires_s is None else now + int(expires_s)
        key = Key(f"key-{secrets.token_hex(4)}", find_role(role).name, label, now, expires_at, None)
        self.database.execute(
            "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, NULL)",
            (key.id, hash_secret(secret), key.role, key.label, key.created_at, key.expires_at),
        )
        return key, secret

    def list(self) -> list[Key]:
        """Return all keys, the oldest first."""
        rows = self.database.execute(
            "SELECT id, role, label, created_at, expires_at, revoked_at FROM keys ORDER BY created_at, id"
        )
        return [Key(*row) for row in rows]

    def revoke(self, id: str) -> None:
        """Revoke a key, and with it its sessions, from now on. Raises UnknownKeyError."""
        known = [key.id for key in self.list()]
        if id not in known:
            raise UnknownKeyError(f"Unknown key '{id}'. {hint(id, known)}")
        self.database.execute(
            "UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", (int(self._clock()), id)
        )
        self.database.execute("DELETE FROM sessions WHERE holder = ?", (id,))
        self._known.clear()

    def authenticate(self, secret: str) -> Access | None:
        """Return who has this key; None for one that is malformed, unknown, expired or revoked."""
        hash, now = hash_secret(secret), self._clock()
        if (known := self._known.find(hash, now)) is not None:
            return known
        rows = self.database.execute(FIND_KEY, (hash, now)) if is_well_formed(secret) else []
        if not rows:
            return None
        access = Access(rows[0][0], ROLES[rows[0][1]])
        self._known.put(hash, access, rows[0][2])
        return access

    def create_login(self, role: str) -> str:
        """Return a token that opens one session within an hour."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        self.database.execute("DELETE FROM logins WHERE expires_at <= ?", (now,))
        self.database.execute(
            "INSERT INTO logins VALUES (?, ?, ?)", (hash_secret(token), find_role(role).name, int(now + LOGIN_S))
        )
        return token

    def redeem_login(self, token: str) -> Access | None:
        """Use up a login token and return whose it is; None for one that is unknown, used or expired."""
        rows = self.database.execute(
            "DELETE FROM logins WHERE hash = ? AND expires_at > ? RETURNING role", (hash_secret(token), self._clock())
        )
        return Access(f"login-{secrets.token_hex(4)}", ROLES[rows[0][0]]) if rows else None

    def open_session(self, access: Access) -> str:
        """Return the random id of a new session of 12 hours."""
        session, now = secrets.token_urlsafe(32), self._clock()
        self.database.execute("DELETE FROM sessions WHERE expires_at <= ?", (now,))
        self.database.execute(
            "INSERT INTO sessions VALUES (?, ?, ?, ?)",
            (hash_secret(session), access.holder, access.role.name, int(now + SESSION_S)),
        )
        return session

    def find_session(self, session: str) -> Access | None:
        """Return whose session this is; None for one that is unknown, closed, expired, or of a revoked key."""
        now = self._clock()
        rows = self.database.execute(FIND_SESSION, (hash_secret(session), now, now))
        return Access(rows[0][0], ROLES[rows[0][1]], is_session=True) if rows else None

    def close_session(self, session: str) -> None:
        """End a session."""
        self.database.execute("DELETE FROM sessions WHERE hash = ?", (hash_secret(session),))


def open_keys(settings: ServeSettings) -> KeyStore:
    """Return the keys of a lake."""
    return KeyStore(Path(settings.folder) / FILE)
