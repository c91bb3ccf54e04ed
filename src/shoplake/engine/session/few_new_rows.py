"""How Sail computes what few new rows change: each step in one task, while other tables take the other cores."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from pyspark.errors import PySparkException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

FEW_NEW_ROWS = 20_000
"""New rows below which a step is one task: to divide them among cores costs more than they do."""
MOST_ROWS = 10_000_000
"""Rows of the largest table above which steps are divided in any case: its days are large."""
EVERY_CORE = 0
PARALLELISM = "SAIL_EXECUTION__DEFAULT_PARALLELISM"
"""The variable by which somebody says how many tasks a step is."""


def expect_rows(session: SparkSession, rows: int, new: int) -> None:
    """Let a step of the session's queries be one task where few rows are new, and else one for each core.

    `rows` are those of the largest table. A run without new rows rebuilds tables. A variable of Sail that says how many
    tasks a step is stays in force, and an engine that does not know the setting goes on as it is.
    """
    if PARALLELISM in os.environ:
        return
    tasks = 1 if 0 < new < FEW_NEW_ROWS and rows <= MOST_ROWS else EVERY_CORE
    if tasks_of(session) == tasks:
        return
    with suppress(PySparkException):
        divide(session, tasks)


@contextmanager
def one_task(session: SparkSession) -> Iterator[None]:
    """Let a step of the session's queries be one task inside `with`, however many rows are new.

    A second thread waits until the first one is done, which would otherwise divide its steps.
    """
    with _IN_ONE_TASK:
        before = int(os.environ.get(PARALLELISM, tasks_of(session)))
        divide(session, 1)
        try:
            yield
        finally:
            divide(session, before)


def tasks_of(session: SparkSession) -> int:
    """Return how many tasks a step of the session's queries is; 0: one for each core."""
    return _TASKS[session] if session in _TASKS else int(os.environ.get(PARALLELISM, EVERY_CORE))


def divide(session: SparkSession, tasks: int) -> None:
    """Let a step of the session's queries be so many tasks; 0: one for each core."""
    session.sql(f"SET datafusion.execution.target_partitions={tasks}")
    _TASKS[session] = tasks


_IN_ONE_TASK = Lock()
_TASKS: WeakKeyDictionary[SparkSession, int] = WeakKeyDictionary()
