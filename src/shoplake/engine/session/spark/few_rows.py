"""How Spark computes queries over few rows: it interprets them, and one task does what several do of many rows."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from pyspark.errors import PySparkException

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COMPILE_FROM_ROWS = 100_000
SPLIT_FROM_ROWS = 20_000
INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
"""To compile a query to Java takes longer than to interpret it where there are few rows."""
ONE_TASK = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.files.minPartitionNum": "1",
    "spark.sql.leafNodeDefaultParallelism": "1",
    "spark.databricks.delta.snapshotPartitions": "1",
}
"""To send a task and its plan to a thread takes longer than to compute few rows; and each task writes files."""


def expect_rows(session: SparkSession, rows: int) -> None:
    """Let a session interpret queries over few rows, each step in one task, and else do what its server does.

    A server that forbids the settings goes on as it is.
    """
    with suppress(PySparkException):
        before = _settings_of_server(session)
        for values, limit in ((INTERPRETED, COMPILE_FROM_ROWS), (ONE_TASK, SPLIT_FROM_ROWS)):
            for name, value in values.items():
                wanted = value if rows < limit else before[name]
                if wanted is None:
                    session.conf.unset(name)
                else:
                    session.conf.set(name, wanted)


def _settings_of_server(session: SparkSession) -> dict[str, str | None]:
    """Return what the settings are in a new session; to unset them would give Spark's defaults, such as 200 tasks."""
    if session not in _BEFORE:
        _BEFORE[session] = {name: session.conf.get(name, None) for name in (*INTERPRETED, *ONE_TASK)}
    return _BEFORE[session]


_BEFORE: WeakKeyDictionary[SparkSession, dict[str, str | None]] = WeakKeyDictionary()
