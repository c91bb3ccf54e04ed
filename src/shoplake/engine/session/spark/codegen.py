"""Whether Spark compiles queries to Java: that takes longer than to interpret them where there are few rows."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pyspark.errors import PySparkException

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COMPILE_FROM_ROWS = 100_000
INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


def set_codegen(session: SparkSession, rows: int, compile_from_rows: int = COMPILE_FROM_ROWS) -> None:
    """Let a session interpret queries over less than `compile_from_rows` rows, and else do what the server does.

    A server that forbids the settings goes on as it is.
    """
    with suppress(PySparkException):
        for name, value in INTERPRETED.items():
            if rows < compile_from_rows:
                session.conf.set(name, value)
            else:
                session.conf.unset(name)
