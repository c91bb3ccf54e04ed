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
IN_PLACE = {"spark.sql.autoBroadcastJoinThreshold": "-1", "spark.sql.adaptive.enabled": "false"}
"""Rows of one partition are joined where they are; to broadcast some, or to plan again, takes further jobs."""

ALL = (*INTERPRETED, *ONE_TASK, *IN_PLACE)


def expect_rows(session: SparkSession, rows: int, *, is_gathered: bool = False) -> None:
    """Let a session interpret queries over few rows, each step in one task, and else do what its server does.

    `is_gathered` says that they are read in one partition, so that most queries have one step. A server that forbids
    the settings goes on as it is.
    """
    with suppress(PySparkException):
        before = _settings_of_server(session)
        is_one_task = is_gathered or rows < SPLIT_FROM_ROWS
        chosen = ((INTERPRETED, rows < COMPILE_FROM_ROWS), (ONE_TASK, is_one_task), (IN_PLACE, is_gathered))
        for values, is_chosen in chosen:
            for name, value in values.items():
                wanted = value if is_chosen else before[name]
                if wanted is None:
                    session.conf.unset(name)
                else:
                    session.conf.set(name, wanted)


def _settings_of_server(session: SparkSession) -> dict[str, str | None]:
    """Return what the settings are in a new session; to unset them would give Spark's defaults, such as 200 tasks."""
    if session not in _BEFORE:
        _BEFORE[session] = {name: session.conf.get(name, None) for name in ALL}
    return _BEFORE[session]


_BEFORE: WeakKeyDictionary[SparkSession, dict[str, str | None]] = WeakKeyDictionary()
