"""What serverless compute refuses is not asked for: by the pipeline, and by commands without saying so."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest
from few_tables import FILES
from pyspark.errors import AnalysisException
from reliability.lakes import lake_at
from sample_tables import latest

from shoplake.engine.session.connect_client import make_active
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.errors import StreamingError, UnsupportedFeatureError
from shoplake.operations.table_maintenance import maintenance_backend
from shoplake.pipeline.streaming.streaming_query import StreamingQueryHandle
from shoplake.simulate import generate

from .conftest import CAPABILITIES
from .serverless import serverless as serverless
from .test_tables import SMALL, table_differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pyspark.sql import SparkSession

    from .serverless import ServerlessGuard

OFFENCES: dict[str, Callable[[SparkSession], object]] = {
    "a setting": lambda session: session.conf.set("spark.sql.adaptive.enabled", "true"),
    "a setting by SQL": lambda session: session.sql("SET spark.sql.adaptive.enabled = true"),
    "a cache": lambda session: session.range(1).cache(),
    "a cache by SQL": lambda session: session.sql("CACHE TABLE some"),
    "a global view": lambda session: session.range(1).createOrReplaceGlobalTempView("some"),
}


@pytest.fixture
def on_sail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small dirty shop's files and its lake as Sail wrote it, without the guard."""
    folder = tmp_path_factory.mktemp("sail")
    generate(folder / "landing", **SMALL)
    lake_at(folder / "lake", folder / "landing").run()
    return folder


@pytest.fixture
def hosted(on_spark: SparkSession, spark: SparkSession, serverless: ServerlessGuard) -> Iterator[SparkSession]:
    """A session that is there already, as on Databricks, under the guard."""
    yield make_active(on_spark)
    make_active(spark)


@pytest.mark.parametrize("offence", OFFENCES)
def test_the_guard_refuses_what_serverless_compute_refuses(spark, serverless, offence):
    with pytest.raises(AnalysisException, match=r"is not (available|supported)"):
        OFFENCES[offence](spark)

    assert len(serverless.refused) == 1


@pytest.mark.slow
def test_a_whole_run_asks_for_nothing_that_serverless_compute_refuses(on_sail, hosted, serverless, tmp_path):
    there = lake_at(tmp_path / "there", on_sail / "landing", engine="spark")
    there.run()

    assert serverless.refused == []
    assert table_differences(on_sail / "lake", tmp_path / "there") == {}


@pytest.mark.slow
@pytest.mark.usefixtures("hosted")
def test_a_stream_over_all_new_files_is_run(tmp_path):
    generate(tmp_path / "landing", **SMALL)
    lake = lake_at(tmp_path / "lake", tmp_path / "landing", tables=FILES, engine="spark")

    list(lake.stream(Event()))

    assert lake.row_count("silver.events") > 0


@pytest.mark.usefixtures("serverless")
def test_a_stream_at_an_interval_is_refused_with_what_to_do(spark, tmp_path):
    rows = spark.readStream.format("rate").load()

    with pytest.raises(StreamingError, match=r"only takes streams that end.*Leave out --interval"):
        StreamingQueryHandle(rows, print, str(tmp_path), interval_s=1.0)


@pytest.mark.slow
def test_maintenance_sets_nothing_and_says_what_cannot_be_done(hosted, serverless, tmp_path):
    engine = DeltaEngine(hosted, str(tmp_path / "lake"), CAPABILITIES["spark"])
    engine.create_if_missing(latest)
    maintenance = maintenance_backend(engine)

    assert maintenance.vacuum(latest) == 0
    assert maintenance.expire(latest, "id = 'm0'") == 0
    assert serverless.refused == []
    with pytest.raises(UnsupportedFeatureError, match=r"keeps files for a week\. Give 7 days or more"):
        maintenance.vacuum(latest, hours=24)
