"""Translates errors of the engine, storage and Delta into shoplake's own, and retries commits that lose a race."""

from __future__ import annotations

import contextlib
import logging
import random
import re
import time
from typing import TYPE_CHECKING, TypeVar

from grpc import StatusCode
from pyspark.errors import PySparkException

from shoplake.engine.library_errors import library_errors
from shoplake.engine.session.stalled_queries import QueryStalledError, is_of_stall
from shoplake.errors import CommitError, EngineConnectionLostError, EngineMemoryError
from shoplake.full_disk import is_of_full_disk
from shoplake.log import hide_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shoplake.errors import ShoplakeError

T = TypeVar("T")
TRIES = 6
FIRST_PAUSE_S = 0.1
TRACE = "JVM stacktrace:"
SESSION_EXPIRED = ("INVALID_HANDLE.SESSION", "INVALID_HANDLE.OPERATION")
"""Codes in the messages of a restarted server, which knows no session or operation of before."""
DETAILS = re.compile(r'^<_\w+ of RPC that terminated with:.*^\s*details = "(.*?)"$', re.DOTALL | re.MULTILINE)
"""The readable part of a gRPC error."""
TRACEBACK = "Traceback (most recent call last):"
PLACE = re.compile(r'^ *File "(.+)", line (\d+), in ')
"""A line of a traceback."""
LIBRARY = re.compile(r"[\\/](?:site-packages|dist-packages|lib[\\/]python3[.\d]*|pyspark)[\\/]|\.p(?:yx|xi)$")
"""Files of libraries, in a traceback."""
WRITE_FAILED = "[TASK_WRITE_FAILED]"
CAUSE = re.compile(r"^Caused by: [\w.$]+: (.+)$", re.MULTILINE)
"""A line of a Java trace that says why."""
UNHELPFUL = re.compile(
    r" SQLSTATE: \w{5}\b\.?| If necessary set \"?spark\.sql\.ansi\.enabled\"? to \"?false\"? to bypass .+?(?<=[a-z])\."
)
"""What Spark says behind a reason: a code, and to switch off for all tables what has found the mistake."""
MEMORY_MESSAGES = ("Resources exhausted", "Failed to allocate additional")
"""What Sail's memory pool says when a query cannot spill what it needs; hash joins and open files never spill."""
PUSHED_DOWN = 'No field named "?table?"'
"""What Sail says of a condition that it pushes down to files, where it cannot parse records."""
OPERATION_LOST = "operation not found"
"""What Sail says when its client asks again for a query whose answer was late, and that it has put away."""
CONFLICT_MESSAGES = ("failed to commit transaction", "concurrent", "conflict", "version already exists")

log = logging.getLogger("shoplake.engine.commit")


def retry_on_conflict(commit: Callable[[], T]) -> T:
    """Return what `commit` returns; retry with growing pauses while another writer commits first.

    Raises CommitError for what a retry does not fix: a full or read-only disk, a missing file.
    """
    for remaining in reversed(range(TRIES)):
        try:
            return commit()
        except library_errors(PySparkException, OSError) as error:
            is_conflict = any(word in message(error).lower() for word in CONFLICT_MESSAGES)
            if not remaining or not is_conflict:
                raise to_shoplake_error(error, _failure("Write failed", error)) from error
            pause_s = FIRST_PAUSE_S * 2 ** (TRIES - remaining) * random.uniform(0.5, 1.5)  # nosec B311  # jitter
            log.warning("commit conflict, retry in %.1f s (%d left): %s", pause_s, remaining, first_line(error))
            time.sleep(pause_s)
    raise AssertionError("unreachable")


@contextlib.contextmanager
def translate_errors(what: str = "Stopped") -> Iterator[None]:
    """Raise errors of the disk, an object store, the engine or Delta inside as CommitError: `what`, and the cause."""
    try:
        yield
    except library_errors(OSError, PySparkException) as error:
        raise to_shoplake_error(error, _failure(what, error)) from error


@contextlib.contextmanager
def failures_of(table: str) -> Iterator[None]:
    """Raise errors inside with the name of the table that was to be written, as `layer.table`.

    Those of the disk, the engine or Delta are CommitErrors: a query over what was staged, as of a rule that warns,
    fails outside of any commit.
    """
    try:
        with translate_errors(f"{table}: Write failed"):
            yield
    except CommitError as error:
        named = error if table in str(error) else CommitError(f"{table}: {error}")
        raise named.with_traceback(error.__traceback__) from error.__cause__


def _failure(what: str, error: BaseException) -> CommitError:
    cause = first_line(error).rstrip(".")
    return CommitError(f"{what}: {cause}. Committed data is safe. {_advice(cause)} and run again.")


def _advice(cause: str) -> str:
    if PUSHED_DOWN in cause:
        return "Keep rows by parsed fields with filter_parsed(rows, condition) instead of where"
    if OPERATION_LOST in cause:
        return "The engine has lost a query that took long: wait until the machine has less to do"
    return "Free space on the disk" if is_of_full_disk(cause) else "Correct the cause"


def to_shoplake_error(error: BaseException, otherwise: ShoplakeError) -> ShoplakeError:
    """Return the error of an engine that is gone or short of memory, or `otherwise`."""
    if any(words in message(error) for words in MEMORY_MESSAGES):
        return EngineMemoryError(first_line(error))
    if OPERATION_LOST in message(error) and is_of_stall(message(error)):
        return QueryStalledError()
    code = getattr(error, "getGrpcStatusCode", lambda: None)()
    is_lost = code is StatusCode.UNAVAILABLE or any(word in message(error) for word in SESSION_EXPIRED)
    return EngineConnectionLostError(first_line(error)) if is_lost else otherwise


def message(error: BaseException) -> str:
    """Return an error's message without Spark's Java trace, which always names java.util.concurrent."""
    return str(error).split(TRACE)[0]


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, and the operating system's cause where a later line names one.

    Of a Python function that failed in a worker, this is its error with file and line; of a write that failed on Spark,
    the innermost cause.
    """
    return hide_secrets(UNHELPFUL.sub("", _first_line(error)))


def _first_line(error: BaseException) -> str:
    if details := DETAILS.search(str(error)):
        return details[1]
    if python_error := _python_error(message(error)):
        return python_error
    lines = [line.strip() for line in message(error).splitlines() if line.strip()]
    if lines and lines[0].startswith(WRITE_FAILED) and (causes := CAUSE.findall(str(error))):
        return str(causes[-1]).strip()
    cause = next((line for line in lines[1:] if "os error" in line), "")
    return " ".join(dict.fromkeys([*lines[:1], *([cause] if cause else [])])) or type(error).__name__


def _python_error(text: str) -> str | None:
    """Return what the last traceback in a text ends with, and where: in the last file that is no library's, if any.

    None without a traceback.
    """
    lines = text.rpartition(TRACEBACK)[2].splitlines() if TRACEBACK in text else []
    places = [(number, place) for number, line in enumerate(lines) if (place := PLACE.match(line))]
    if not places:
        return None
    last, place = places[-1]
    place = next((each for _, each in reversed(places) if not LIBRARY.search(each[1])), place)
    raised = next((line for line in lines[last + 1 :] if line.strip() and not line.startswith(" ")), None)
    return raised and f"{raised.strip()} ({place[1].rpartition('/')[2]}, line {place[2]})"
