"""A guard that refuses what serverless compute of Databricks refuses, in every session of this process.

https://docs.databricks.com/aws/en/compute/serverless/limitations and …/spark/conf: six settings, no cache, no global
temporary views, no triggers but `availableNow`; RDDs Spark Connect does not have. A job has no environment variables of
its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from pyspark.errors import AnalysisException
from pyspark.sql.connect.catalog import Catalog
from pyspark.sql.connect.conf import RuntimeConf
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.session import SparkSession
from pyspark.sql.connect.streaming.readwriter import DataStreamWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SETTABLE = {
    "spark.databricks.execution.timeout",
    "spark.sql.ansi.enabled",
    "spark.sql.files.maxPartitionBytes",
    "spark.sql.legacy.timeParserPolicy",
    "spark.sql.session.timeZone",
    "spark.sql.shuffle.partitions",
}
ON_DATA = ("cache", "persist", "checkpoint", "localCheckpoint", "createGlobalTempView", "createOrReplaceGlobalTempView")
ON_CATALOG = ("cacheTable", "uncacheTable", "clearCache")
STATEMENTS = re.compile(r"\s*(CACHE\s|SET\s+(?!TIME\s+ZONE)|CREATE\s+(OR\s+REPLACE\s+)?GLOBAL\s)", re.IGNORECASE)
KEPT_VARIABLES = ("HOME", "LANG", "PATH", "PYTEST_CURRENT_TEST", "TMPDIR", "TZ", "VIRTUAL_ENV")


class ServerlessGuard:
    """Patches the client; `refused` has what was asked for and refused, whether or not the caller went on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.refused: list[str] = []

    def install(self) -> ServerlessGuard:
        """Refuse from now on, until the patches are undone."""
        for name in ("set", "unset"):
            self._replace(RuntimeConf, name, self._check_setting)
        for owner, names in ((DataFrame, ON_DATA), (Catalog, ON_CATALOG)):
            for name in names:
                self._replace(owner, name, self._refuser(name))
        self._replace(DataStreamWriter, "trigger", self._check_trigger)
        self._replace(SparkSession, "sql", self._check_statement)
        return self

    def _replace(self, owner: type, name: str, check: Callable[..., object]) -> None:
        usual = getattr(owner, name)

        def guarded(target: Any, *given: Any, **named: Any) -> Any:
            check(target, *given, **named)
            return usual(target, *given, **named)

        self._patch.setattr(owner, name, guarded)

    def _check_setting(self, target: Any, name: str, value: object = None) -> None:
        if name not in SETTABLE:
            self._refuse(f"[CONFIG_NOT_AVAILABLE] Configuration {name} is not available.")

    def _check_trigger(self, target: Any, **named: Any) -> None:
        if not named.get("availableNow"):
            kind = ", ".join(name for name, value in named.items() if value)
            self._refuse(f"[INFINITE_STREAMING_TRIGGER_NOT_SUPPORTED] Trigger type {kind} is not supported.")

    def _check_statement(self, target: Any, query: str, *given: Any, **named: Any) -> None:
        if STATEMENTS.match(query):
            self._refuse(f"[NOT_SUPPORTED_WITH_SERVERLESS] {query} is not supported on serverless compute.")

    def _refuser(self, name: str) -> Callable[..., NoReturn]:
        def refuse(*given: Any, **named: Any) -> NoReturn:
            self._refuse(f"[NOT_SUPPORTED_WITH_SERVERLESS] {name} is not supported on serverless compute.")

        return refuse

    def _refuse(self, message: str) -> NoReturn:
        self.refused.append(message)
        raise AnalysisException(message)


@pytest.fixture
def serverless(monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerlessGuard]:
    """The guard, on for the time of a test, in an environment without variables that a user may set."""
    import os

    for name in os.environ:
        if name not in KEPT_VARIABLES and not name.startswith(("COV_", "XDG_")):
            monkeypatch.delenv(name)
    yield ServerlessGuard(monkeypatch).install()
