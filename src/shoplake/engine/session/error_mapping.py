"""Commits that lose a race are tried again."""

from __future__ import annotations

import contextlib
import random
import re
import time
from typing import TYPE_CHECKING, TypeVar

from deltalake.exceptions import DeltaError
from grpc import StatusCode
from obstore.exceptions import BaseError
from pyspark.errors import PySparkException

from shoplake.errors import EngineConnectionLostError, LakeBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shoplake.errors import ShoplakeError

T = TypeVar("T")
TRIES = 6
FIRST_PAUSE_S = 0.1
TRACE = "JVM stacktrace:"
SESSION_EXPIRED = ("INVALID_HANDLE.SESSION", "INVALID_HANDLE.OPERATION")
"""What a server says that was started anew and knows nothing of what there was."""
DETAILS = re.compile(r'^<_\w+ of RPC that terminated with:.*^\s*details = "(.*?)"$', re.DOTALL | re.MULTILINE)
"""What of a connection's own error is for people."""
CONFLICT_MESSAGES = ("failed to commit transaction", "concurrent", "conflict", "version already exists")


def retry_on_conflict(commit: Callable[[], T]) -> T:
    """What `commit` returns, tried again with growing pauses while another writer's commit comes first.

    Raises LakeBroken for what no repetition mends: a full or read-only disk, a missing file.
    """
    for left in reversed(range(TRIES)):
        try:
            return commit()
        except (PySparkException, OSError) as error:
            has_lost = any(word in message(error).lower() for word in CONFLICT_MESSAGES)
            if not left or not has_lost:
                raise to_shoplake_error(
                    error, LakeBroken(f"The lake could not be written: {first_line(error)}")
                ) from error
            time.sleep(FIRST_PAUSE_S * 2 ** (TRIES - left) * random.uniform(0.5, 1.5))
    raise AssertionError("unreachable")


@contextlib.contextmanager
def translate_errors() -> Iterator[None]:
    """What a disk, a store, the engine or Delta's library complains of inside comes out as LakeBroken, in one line."""
    try:
        yield
    except (OSError, DeltaError, PySparkException, BaseError) as error:
        otherwise = LakeBroken(
            f"The run could not go on: {first_line(error)}. What was committed stands; mend it and run again."
        )
        raise to_shoplake_error(error, otherwise) from error


def to_shoplake_error(error: BaseException, otherwise: ShoplakeError) -> ShoplakeError:
    """What to say of an error of the engine's: that it is lost, or else `otherwise`."""
    code = getattr(error, "getGrpcStatusCode", lambda: None)()
    is_lost = code is StatusCode.UNAVAILABLE or any(word in message(error) for word in SESSION_EXPIRED)
    return EngineConnectionLostError(first_line(error)) if is_lost else otherwise


def message(error: BaseException) -> str:
    """What an error says, without the trace that Spark puts behind it: that names java.util.concurrent every time."""
    return str(error).split(TRACE)[0]


def first_line(error: BaseException) -> str:
    """What an error says first, and the operating system's cause where a later line names one."""
    if found := DETAILS.search(str(error)):
        return found[1]
    lines = [line.strip() for line in message(error).splitlines() if line.strip()]
    cause = next((line for line in lines[1:] if "os error" in line), "")
    return " ".join(dict.fromkeys([*lines[:1], *([cause] if cause else [])])) or type(error).__name__
