"""The decisions of people about a lake, as a chain: each row has the hash of the one before."""

from __future__ import annotations

import getpass
import hashlib
import json
import socket
from typing import TYPE_CHECKING, Any

from shoplake.engine import AUDIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from shoplake.engine import StateReader, StateStore

CELLS = ("run_id", "actor", "command", "subject", "because", "previous_hash")


def current_actor() -> str:
    """Return who runs this process, as user@host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"


def record_decisions(
    state: StateStore, run_id: str, at: datetime, actor: str, command: str, subjects: Iterable[str], because: str
) -> None:
    """Append one row per subject to `ops.audit`, each with the hash of the row before."""
    previous = last_hash(state)
    rows = []
    for subject in subjects:
        cells = {
            "run_id": run_id,
            "actor": actor,
            "command": command,
            "subject": subject,
            "because": because,
            "previous_hash": previous,
        }
        previous = row_hash(cells | {"recorded_at": at})
        rows.append(cells | {"hash": previous, "recorded_at": at})
    state.append(AUDIT, rows)


def row_hash(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a row's cells, without its own hash."""
    text = json.dumps([*(row[name] for name in CELLS), row["recorded_at"].isoformat()])
    return hashlib.sha256(text.encode()).hexdigest()


def last_hash(state: StateReader) -> str:
    """Return the hash of the last row; empty where there is none."""
    rows = state.read(AUDIT)
    followed = {row["previous_hash"] for row in rows}
    return next((row["hash"] for row in rows if row["hash"] not in followed), "")


def chain_problems(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with the rows of `ops.audit`: rows that were changed, and rows that are gone."""
    rows = list(rows)
    known = {"", *(row["hash"] for row in rows)}
    changed = [row["hash"] for row in rows if row_hash(row) != row["hash"]]
    orphans = [row["previous_hash"] for row in rows if row["previous_hash"] not in known]
    return [f"row {each[:12]} was changed" for each in changed] + [f"row {each[:12]} is gone" for each in orphans]
