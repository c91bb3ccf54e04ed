"""Records exceptions of runs in `ops.errors`, without values of records, and sums them up."""

from __future__ import annotations

import contextlib
import hashlib
import re
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.engine import ERRORS, table_exists, translate_errors
from shoplake.errors import ShoplakeError
from shoplake.log import hide_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from shoplake.engine import StateReader, StateStore

HIDDEN = "…"
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
ADDRESS = re.compile(r"[^\s@,;:<>()]+@[^\s@,;:<>()]+")
NUMBER = re.compile(r"\d[\d.,:+-]*")
MAX_LENGTH = 300
PACKAGE = "shoplake"


@dataclass(frozen=True)
class ErrorSummary:
    """An error that was seen `times` times: its table (empty outside any), class, message and where it was raised."""

    fingerprint: str
    table: str
    kind: str
    message: str
    location: str
    times: int
    first_at: datetime
    last_at: datetime
    last_run_id: str


@contextlib.contextmanager
def recorded_errors(
    state: StateStore, run_id: str, at: datetime, failed_table: Callable[[BaseException], str]
) -> Iterator[None]:
    """Record an exception that is raised inside, and raise it on; `failed_table` names the table it is about.

    Nothing is recorded where the state store cannot be written: what went wrong first is what counts.
    """
    try:
        yield
    except Exception as error:
        with contextlib.suppress(ShoplakeError), translate_errors():
            record_error(state, run_id, at, failed_table(error), error)
        raise


def record_error(state: StateStore, run_id: str, at: datetime, table: str, error: BaseException) -> None:
    """Append a row to `ops.errors`, where there is a lake."""
    if not table_exists(state.path(ERRORS)):
        return
    kind, message, location = type(error).__name__, mask_values(str(error)), _location(error)
    text = "\n".join((kind, table, message, location))
    row = {"table": table, "kind": kind, "message": message, "location": location}
    fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]
    state.append(ERRORS, [{"run_id": run_id, **row, "fingerprint": fingerprint, "recorded_at": at}])


def summarize_errors(state: StateReader) -> list[ErrorSummary]:
    """Return the recorded errors by fingerprint, the one that was seen last first."""
    if not table_exists(state.path(ERRORS)):
        return []
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(state.read(ERRORS), key=lambda row: row["recorded_at"]):
        groups.setdefault(row["fingerprint"], []).append(row)
    found = [_summary(fingerprint, rows) for fingerprint, rows in groups.items()]
    return sorted(found, key=lambda each: each.last_at, reverse=True)


def mask_values(text: str) -> str:
    """Return the first line of a message without what may be a value of a record: quoted texts, addresses, numbers."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    for pattern in (QUOTED, ADDRESS, NUMBER):
        line = pattern.sub(HIDDEN, line)
    return hide_secrets(line)[:MAX_LENGTH]


def _summary(fingerprint: str, rows: list[dict[str, Any]]) -> ErrorSummary:
    last = rows[-1]
    return ErrorSummary(
        fingerprint,
        table=last["table"] or "",
        kind=last["kind"],
        message=last["message"],
        location=last["location"] or "",
        times=len(rows),
        first_at=rows[0]["recorded_at"],
        last_at=last["recorded_at"],
        last_run_id=last["run_id"],
    )


def _location(error: BaseException) -> str:
    """Return the innermost function of the package that the error passed, as `module.function`; empty without one."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    for frame in reversed(frames):
        module = str(frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] == PACKAGE:
            return f"{module}.{frame.f_code.co_name}"
    return ""
