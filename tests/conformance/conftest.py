"""Each test here runs on both engines: Sail in this process, Spark on a local server that lives as long as pytest."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sample_tables import records

from shoplake.engine.session import sail
from shoplake.engine.session.capabilities import SAIL, SPARK
from shoplake.engine.session.spark.few_rows import expect_rows
from shoplake.engine.session.spark.java import java
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.protocol import WriteResult

CAPABILITIES = {"sail": SAIL, "spark": replace(SPARK, shares_disk=True)}
QUICK_TO_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
"""For Java, where a server lives for a minute: no second compiler."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder that need a Spark server: they run with `make test-spark`."""
    folder = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(folder) and needs_spark(item):
            item.add_marker("spark")


def needs_spark(item: pytest.Item) -> bool:
    """Whether a test starts the server, or one of its own."""
    engine = item.callspec.params.get("name") if hasattr(item, "callspec") else None
    return engine == "spark" or "on_spark" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def on_spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A session on a Spark server of the tests' own; without Java 17 its tests are skipped."""
    try:
        java()
    except EngineError as error:
        pytest.skip(str(error))
    from shoplake.engine.session.spark import server
    from shoplake.engine.session.spark import session as spark_session

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("JDK_JAVA_OPTIONS", os.environ.get("JDK_JAVA_OPTIONS", QUICK_TO_START))
        made = spark_session.session(spark_session.LOCAL)
        expect_rows(made, 1, is_gathered=True)
        yield made
        made.stop()
        server.stop_servers()


slow_on_spark = pytest.mark.parametrize("name", ["sail", pytest.param("spark", marks=pytest.mark.slow)], indirect=True)
"""Marks a test of which another one of the same kind is quick: on Spark each takes seconds."""


@pytest.fixture(params=sorted(CAPABILITIES))
def name(request: pytest.FixtureRequest) -> str:
    """The engine's name."""
    return str(request.param)


@pytest.fixture
def session(name: str, request: pytest.FixtureRequest) -> SparkSession:
    """A session on the engine of that name."""
    made: SparkSession = request.getfixturevalue("on_spark") if name == "spark" else sail.session()
    return made


@pytest.fixture
def engine(name: str, session: SparkSession, tmp_path: Path) -> DeltaEngine:
    """An empty lake on it; few rows, as here, are committed by this process on Spark too."""
    made = DeltaEngine(session, str(tmp_path / "lake"), CAPABILITIES[name])
    if made.fetched is not None:
        made.fetched.expect_rows(1)
    return made


@pytest.fixture
def take(engine: DeltaEngine) -> Callable[..., WriteResult]:
    """Ingest records into a sample table, as one batch."""

    def ingested(into: Table[...], *output: Any, batch: str = "b000000001") -> WriteResult:
        engine.create_if_missing(into)
        return engine.write(into, into(records(engine.session, *output, batch=batch)))

    return ingested


@pytest.fixture
def some(session: SparkSession) -> Callable[..., DataFrame]:
    """One column `raw` of texts, numbered by `line`."""

    def rows(*texts: str | None) -> DataFrame:
        return session.createDataFrame(list(enumerate(texts, 1)), "line bigint, raw string")

    return rows
