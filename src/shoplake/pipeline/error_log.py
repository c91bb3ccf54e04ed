"""Records exceptions of runs in `ops.errors`, without values of records, and runs that were killed; sums them up."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import traceback
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from shoplake.engine import ERRORS, filesystem_for, remove_file, table_exists, translate_errors, write_whole
from shoplake.errors import ShoplakeError
from shoplake.log import hide_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shoplake.engine import StateReader, StateStore

HIDDEN = "…"
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
ADDRESS = re.compile(r"[^\s@,;:<>()]+@[^\s@,;:<>()]+")
NUMBER = re.compile(r"\d[\d.,:+-]*")
MAX_LENGTH = 300
PACKAGE = "shoplake"
TRANSLATING = translate_errors.__module__
MARK = "_run.json"
"""The file in a lake that says which run is at work; a killed process leaves it there."""
PROCESS = uuid.uuid4().hex
"""A token of this process: numbers of processes are used again."""
KILLED = "Killed"
KILLED_MESSAGE = "The process ended before its run did."


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
    _append_error(state, run_id, at, table, (type(error).__name__, mask_values(str(error)), _location(error)))


@dataclass(frozen=True)
class RunMark:
    """A run that has begun and not ended: its id, when it started (UTC), and the token of its process."""

    run_id: str
    started_at: datetime
    process: str = PROCESS


class RunStart(NamedTuple):
    """How a run begins: whether `end_run` has to take its mark away, and when the run before started if killed."""

    is_marked: bool = False
    killed_at: datetime | None = None


def begin_run(state: StateStore, run_id: str, at: datetime) -> RunStart:
    """Mark in the lake that a run is at work; where a killed process has left its mark, record that run.

    A run inside another one is a part of it. A lake in a catalog has no marks.
    """
    if not isinstance(state.path(ERRORS), str):
        return RunStart()
    left = read_mark(state.lake)
    if left is not None and left.process == PROCESS:
        return RunStart()
    if left is not None:
        _record_killed(state, left)
    killed_at = None if left is None else left.started_at
    mark = {"run_id": run_id, "started_at": at.isoformat(), "process": PROCESS}
    with contextlib.suppress(OSError):  # on a full disk, what the run writes first says so
        write_whole(f"{state.lake}/{MARK}", json.dumps(mark).encode())
        return RunStart(True, killed_at)
    return RunStart(killed_at=killed_at)


def end_run(state: StateStore) -> None:
    """Take the mark of the run that is at work away."""
    with contextlib.suppress(OSError):
        remove_file(f"{state.lake}/{MARK}")


def read_mark(lake: str) -> RunMark | None:
    """Return the mark of the run that is at work or was killed; None where there is none that can be read."""
    try:
        files, path = filesystem_for(f"{lake}/{MARK}")
        with files.open_input_stream(path) as stream:
            content = json.loads(bytes(stream.read()))
        return RunMark(content["run_id"], datetime.fromisoformat(content["started_at"]), content["process"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _record_killed(state: StateStore, mark: RunMark) -> None:
    """Record a run that was killed, once; nothing where the state store cannot be read or written."""
    with contextlib.suppress(ShoplakeError), translate_errors():
        if not table_exists(state.path(ERRORS)):
            return
        if not any(row["run_id"] == mark.run_id for row in state.read(ERRORS, ["run_id"])):
            _append_error(state, mark.run_id, mark.started_at, "", (KILLED, KILLED_MESSAGE, ""))


def _append_error(state: StateStore, run_id: str, at: datetime, table: str, what: tuple[str, str, str]) -> None:
    """Append a row: the kind of an error, its message and where it was raised."""
    kind, message, location = what
    fingerprint = hashlib.sha256("\n".join((kind, table, message, location)).encode()).hexdigest()[:16]
    row = {"table": table, "kind": kind, "message": message, "location": location}
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
    """Return the innermost function of the package that the error passed, as `module.function`; empty without one.

    That of its first cause counts, where an error was translated; functions that only translate are passed over.
    """
    return (error.__cause__ and _location(error.__cause__)) or _own_location(error)


def _own_location(error: BaseException) -> str:
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    for frame in reversed(frames):
        module, function = str(frame.f_globals.get("__name__", "")), frame.f_code.co_name
        if module.partition(".")[0] == PACKAGE and module != TRANSLATING and function != "<lambda>":
            return f"{module}.{function}"
    return ""
