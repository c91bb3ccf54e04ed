"""Views of keys, of the store and of the server's address."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import pluralize, text_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from shoplake.serve.keys.key_store import Key
    from shoplake.serve.store.builder import BuildResult


@dataclass(frozen=True)
class NewKeyView:
    """A key that was just created, with its secret."""

    key: Key
    secret: str

    def render(self, console: Console) -> None:
        """Print the secret, which cannot be shown again."""
        console.print(self.secret, soft_wrap=True)
        console.print(f"{self.key.id}, role {self.key.role}, expires {_time(self.key.expires_at) or 'never'}.")
        console.print("Keep the secret: it is not stored and cannot be shown again.")

    def to_json(self) -> dict[str, Any]:
        """Return the key with its secret."""
        return {"secret": self.secret, **_key_json(self.key)}


@dataclass(frozen=True)
class KeysView:
    """All keys."""

    keys: Sequence[Key]

    def render(self, console: Console) -> None:
        """Print one line per key."""
        if not self.keys:
            console.print("No keys. Create one with: shoplake keys create --role analyst")
            return
        table = text_table("key", "role", "state", "created", "expires", "label")
        for key in self.keys:
            times = (_time(key.created_at), _time(key.expires_at) or "never")
            table.add_row(key.id, key.role, key.state(time.time()), *times, key.label)
        console.print(table)

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per key."""
        return [_key_json(key) for key in self.keys]


@dataclass(frozen=True)
class StoreView:
    """What a build of the store wrote."""

    result: BuildResult

    def render(self, console: Console) -> None:
        """Print the counts, or that nothing was to be done."""
        if not self.result.tables and not self.result.documents:
            console.print(f"The store is up to date: generation {self.result.pointer.id}.")
            return
        counts = f"{pluralize(len(self.result.tables), 'table')}, {pluralize(self.result.documents, 'document')}"
        console.print(f"Store: {counts} written, generation {self.result.pointer.id}.")

    def to_json(self) -> dict[str, Any]:
        """Return the generation, its run, and what was written."""
        pointer = self.result.pointer
        return {
            "generation": pointer.id,
            "run_id": pointer.run_id,
            "as_of": pointer.as_of.isoformat(),
            "tables_written": list(self.result.tables),
            "documents_written": self.result.documents,
        }


@dataclass(frozen=True)
class ServerView:
    """Where the server listens, and its one-time login."""

    address: str
    login_url: str | None

    def render(self, console: Console) -> None:
        """Print both."""
        console.print(f"Serving at {self.address}. Stop with Ctrl-C.")
        if self.login_url:
            console.print(f"Log in once, within an hour: {self.login_url}", soft_wrap=True)
        else:
            console.print("Log in with a key: shoplake keys create --role analyst")

    def to_json(self) -> dict[str, Any]:
        """Return both."""
        return asdict(self)


def _key_json(key: Key) -> dict[str, Any]:
    times = {name: _time(getattr(key, name)) for name in ("created_at", "expires_at", "revoked_at")}
    return {"id": key.id, "role": key.role, "label": key.label, "state": key.state(time.time()), **times}


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
