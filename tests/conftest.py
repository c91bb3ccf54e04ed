from __future__ import annotations

import gc
import os
import subprocess
import sys
import urllib.request
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from examples import QUICK
from selection import EACH_MERGE, SAMPLE, FileGroups

import shoplake.engine.session.connect_client  # noqa: F401  # before a test imports the client in a worker of pytest-xdist
from shoplake.declare import Feed, Table
from shoplake.feeds import ONLINE_RETAIL, RETAILROCKET, ZENITH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import DataFrame, SparkSession

ARRIVED = {"feed": "shop", "file": "one", "batch_id": "b1", "ingested_at": "2026-03-02 00:00:00"}
HERE = Path(__file__).parent
REAL = HERE.parents[1] / "shared" / "data"


os.environ.setdefault("SAIL_EXECUTION__DEFAULT_PARALLELISM", "2")
"""Few rows too are divided among tasks: a result that depends on how they are is found on small tables."""
hypothesis.settings.register_profile("shoplake", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("shoplake")
"""No example is too slow: how long one takes depends on what else runs on the machine."""
hypothesis.settings.register_profile(QUICK, hypothesis.settings.get_profile("shoplake"))


def pytest_configure(config: pytest.Config) -> None:
    """Have few examples where quick tests are asked for: see `examples.py`."""
    if asks_for_quick_tests(config):
        hypothesis.settings.load_profile(QUICK)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files of which no test is quick where quick ones are asked for: a quarter of all tests."""
    is_left_out = (
        asks_for_quick_tests(config)
        and collection_path.is_relative_to(HERE)
        and place(collection_path).startswith(EACH_MERGE)
    )
    return True if is_left_out else None


def pytest_pycollect_makeitem(collector: pytest.Collector, obj: object) -> list[pytest.Item] | None:
    """Leave out the functions that are not quick where quick ones are asked for, however many parameters they have."""
    marks = getattr(obj, "pytestmark", None) if asks_for_quick_tests(collector.config) else None
    is_left_out = isinstance(marks, list) and not {"slow", "sample"}.isdisjoint(mark.name for mark in marks)
    return [] if is_left_out else None


def asks_for_quick_tests(config: pytest.Config) -> bool:
    """Whether only tests of neither marker are asked for, as by `make test`."""
    return {"not slow", "not sample"} <= set(config.option.markexpr.split(" and "))


@cache
def place(path: Path) -> str:
    """Return the path of a file in the checkout."""
    return path.relative_to(HERE.parent).as_posix()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the sample that have no mark of their own."""
    for item in items:
        if place(item.path).startswith(SAMPLE if item.get_closest_marker("slow") else EACH_MERGE):
            item.add_marker("sample")


gc.disable()
"""Until all tests are collected: none of them goes away, and to look through them costs a fifth of the collection."""


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over tests and libraries, which stay until the end."""
    gc.enable()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let it collect them at the end, or nanobind reports what Python libraries still refer to."""
    gc.unfreeze()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileGroups:
    """How tests are dealt out where pytest is started with `-n`: folder by folder, so that cheap files come last.

    By default files of many tests come first, and a file of few and dear ones at the end keeps one process waiting.
    """
    config.option.loadscopereorder = False
    return FileGroups(config, log)


@pytest.fixture(scope="session")
def spark() -> SparkSession:
    """The session of this process's Sail server."""
    from shoplake.engine.session import sail  # imports pyspark, which the process that deals out tests does not need

    return sail.session()


@pytest.fixture
def some(spark: SparkSession) -> Callable[..., DataFrame]:
    """Rows of a declared table; columns a test does not name are null."""

    def rows_of(table: Table[...], *rows: dict[str, Any]) -> DataFrame:
        types = {column.name: column.type for column in table.columns}
        for row in rows:
            assert row.keys() <= types.keys(), f"{table.name} has no column {row.keys() - types.keys()}"
        schema = ", ".join(f"{name} {kind}" for name, kind in types.items())
        cells = [tuple(value(row.get(name), types[name]) for name in types) for row in rows]
        return spark.createDataFrame(cells, schema)

    return rows_of


@pytest.fixture
def arrived(some) -> Callable[..., DataFrame]:
    """Raw records of a bronze table, on lines 1, 2, 3 … of one file."""

    def rows(table: Table[...], *texts: str, **same: Any) -> DataFrame:
        return some(table, *[ARRIVED | {"raw": text, "line": at} | same for at, text in enumerate(texts, 1)])

    return rows


def value(given: Any, kind: str) -> Any:
    """Let tests write 9.99 or "2026-03-01 09:00" where Python wants a Decimal or a datetime."""
    if given is None:
        return None
    if kind.startswith("decimal"):
        return Decimal(str(given))
    if isinstance(given, str) and kind == "timestamp":
        return datetime.fromisoformat(given).replace(tzinfo=UTC)
    if isinstance(given, str) and kind == "date":
        return date.fromisoformat(given)
    return given


@pytest.fixture(scope="module")
def few() -> Iterator[None]:
    """Lakes that are opened by their settings have few tables while the tests of a module run."""
    from few_tables import few_tables  # imports pyspark, which a worker of pytest-xdist cannot do at its start

    with few_tables():
        yield


@pytest.fixture(scope="module")
def fewest() -> Iterator[None]:
    """The same with the fewest tables that feeds can have."""
    from few_tables import FILES, few_tables

    with few_tables(FILES):
        yield


@pytest.fixture
def zenith() -> Feed:
    """A native feed in London."""
    return Feed("shop", ZENITH, "landing", "Europe/London", "GBP")


@pytest.fixture
def online_retail() -> Feed:
    """An Online Retail feed in London."""
    return Feed("shop", ONLINE_RETAIL, "landing", "Europe/London", "GBP")


@pytest.fixture
def retailrocket() -> Feed:
    """A Retailrocket feed in UTC."""
    return Feed("shop", RETAILROCKET, "landing", "UTC", "EUR")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; tests that need it are skipped where it is absent."""
    if not REAL.is_dir():
        pytest.skip(f"no real data beside the checkout ({REAL.name})")
    return REAL


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """The address of an object store on loopback; the environment names it, and a key, for the rest of the session."""
    server = subprocess.Popen([sys.executable, Path(__file__).with_name("s3.py")], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    address = f"http://127.0.0.1:{server.stdout.readline().strip()}"
    output = {"ENDPOINT_URL": address, "REGION": "eu-west-2", "ALLOW_HTTP": "true"}
    output |= {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "canary-secret"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in output.items():
            patch.setenv(f"AWS_{name}", value)
        yield address
    server.kill()
    server.communicate()


@pytest.fixture
def bucket(object_store: str) -> str:
    """A new bucket in it, as `s3://name`."""
    name = f"b{uuid.uuid4().hex}"
    urllib.request.urlopen(urllib.request.Request(f"{object_store}/{name}", method="PUT")).close()
    return f"s3://{name}"
