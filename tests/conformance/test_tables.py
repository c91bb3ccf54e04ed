"""Every table of the catalogue on both engines: row for row, type for type, approximate columns within their error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from reliability.lakes import BRONZE, bring, catalog, content, difference, lake_at, raw_files, read, there

from shoplake.declare import Feed
from shoplake.engine.session import sail
from shoplake.engine.session.capabilities import SAIL, SPARK
from shoplake.engine.session.spark.few_rows import COMPILE_FROM_ROWS, expect_rows
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.feeds import ZENITH
from shoplake.simulate import generate, retailrocket

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa
    from pyspark.sql import SparkSession

    from shoplake.lake import Lake

APPROXIMATE = "approx_viewers"
ERROR = 0.05
"""Of approx_count_distinct: what its column says, as a standard deviation; three of them are allowed."""
BUILT = [table.name for table in catalog().ordered if table.inputs]
QUICK = {"events", "order_lines"}
"""Tables whose rows are compared in every run; Spark takes seconds for each."""
ROWS = [each if each in QUICK else pytest.param(each, marks=pytest.mark.slow) for each in BUILT]
SMALL = {"events": 600, "customers": 40, "products": 15, "days": 3, "error_rate": 0.06, "seed": 11}
MIDDLE = {"events": 20_000, "customers": 400, "products": 80, "days": 12, "error_rate": 0.05, "seed": 12}
FEEDS = (Feed("shop", ZENITH, "landing", "Europe/London", "GBP"),)
ROCKET = {"events": 3_000, "properties": 12_000, "days": 20, "error_rate": 0.05, "event_files": 2}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A small dirty shop's lake of few tables, as Sail wrote it."""
    return small_lake(tmp_path_factory.mktemp("small"), (*BRONZE, *QUICK))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The same of all tables."""
    return small_lake(tmp_path_factory.mktemp("whole"), ())


@pytest.fixture
def compiling(on_spark: SparkSession) -> Iterator[SparkSession]:
    """Spark as it usually is, for tests with many rows."""
    expect_rows(on_spark, COMPILE_FROM_ROWS)
    yield on_spark
    expect_rows(on_spark, 1)


@pytest.mark.parametrize("name", BUILT)
def test_a_tables_function_is_resolved_to_the_same_types(on_spark: SparkSession, name: str):
    assert resolved(name, on_spark) == resolved(name, sail.session())


@pytest.mark.parametrize("name", ROWS)
def test_a_tables_function_returns_the_same_rows_and_types(request, on_spark: SparkSession, name: str):
    lake = request.getfixturevalue("small" if name in QUICK else "whole")
    one, other = (
        built(lake, name, session, capabilities)
        for session, capabilities in ((sail.session(), SAIL), (on_spark, SPARK))
    )

    assert types(other) == types(one)
    assert exact(other) == exact(one)
    assert is_close(one, other)


@pytest.mark.slow
def test_a_lake_that_sail_wrote_is_continued_by_spark_and_that_by_sail(tmp_path: Path, on_spark: SparkSession):
    generate(tmp_path / "all", **SMALL)
    files = raw_files(tmp_path / "all")
    kept = ("events_raw", "events", "sessions")
    one, both = (lake_at(tmp_path / name, tmp_path / "landing", tables=kept) for name in ("one", "both"))
    for turn in range(3):
        bring(tmp_path / "landing", tmp_path / "all", files[turn::3])
        one.run()
        set_engine(both, on_spark if turn == 1 else None)
        both.run()

    assert difference(content(tmp_path / "one"), content(tmp_path / "both")) == {}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zenith", "online_retail", "retailrocket"])
def test_a_whole_run_gives_the_same_tables_with_the_same_types(kind, tmp_path: Path, compiling, request):
    landing = tmp_path / "landing"
    if kind == "zenith":
        generate(landing, **MIDDLE)
    elif kind == "retailrocket":
        retailrocket.generate(landing, **ROCKET)
    else:
        landing = request.getfixturevalue("real_data") / "online_retail"
    one, other = (lake_at(tmp_path / name, landing, kind) for name in ("sail", "spark"))
    set_engine(other, compiling)
    one.run()
    other.run()

    assert table_differences(tmp_path / "sail", tmp_path / "spark") == {}


def small_lake(folder: Path, tables: Iterable[str]) -> Lake:
    generate(folder / "landing", **SMALL)
    lake = lake_at(folder / "lake", folder / "landing", tables=tables)
    lake.run()
    return lake


def resolved(name: str, session: SparkSession) -> list[tuple[str, str]]:
    """The columns with their types of a table's function of no rows, as an engine resolves them."""
    table = catalog()[name]
    schemas = [", ".join(f"{column.name} {column.type}" for column in catalog()[each].columns) for each in table.inputs]
    parameters = {"feeds": FEEDS} if "feeds" in table.parameters else {}
    rows = table(*[session.createDataFrame([], schema) for schema in schemas], **parameters)
    return [(field.name, field.dataType.simpleString()) for field in rows.schema]


def built(lake: Lake, name: str, session: SparkSession, capabilities: Any) -> pa.Table:
    """What a table's function makes of what it reads, on an engine; where a record came from is left out."""
    engine = DeltaEngine(session, lake.settings.lake, capabilities)
    table = lake.catalog[name]
    parameters_value = {"feeds": lake.settings.feeds} if "feeds" in table.parameters else {}
    rows = table(*[engine.read(lake.catalog[each]) for each in table.inputs], **parameters_value)
    return rows.select(*[column.name for column in table.output_columns]).toArrow()


def set_engine(lake: Lake, session: SparkSession | None) -> None:
    """Let a lake be kept by Spark, or by Sail for None."""
    capabilities = SAIL if session is None else SPARK
    lake.engine = DeltaEngine(session or sail.session(), lake.settings.lake, capabilities)


def types(rows: pa.Table) -> list[tuple[str, str]]:
    """The columns with their types, in order."""
    return [(field.name, str(field.type)) for field in rows.schema]


def exact(rows: pa.Table) -> list[str]:
    """The rows as text, in order, without what is approximate."""
    names = [name for name in rows.column_names if name != APPROXIMATE]
    return sorted(map(repr, rows.select(names).to_pylist()))


def is_close(one: pa.Table, other: pa.Table) -> bool:
    """Whether what is approximate is as near to the exact number as it says."""
    if APPROXIMATE not in one.column_names:
        return True
    pairs = [(row[APPROXIMATE], row["viewers"]) for rows in (one, other) for row in rows.to_pylist()]
    return all(abs(guess - true) <= max(3 * ERROR * true, 1) for guess, true in pairs)


def table_differences(one: Path, other: Path) -> dict[str, Any]:
    """How the tables of two lakes differ: rows, types, or approximate numbers too far off."""
    found = {}
    for table in there(one):
        left, right = read(one, table), read(other, table)
        same = types(left) == types(right) and is_close(left, right)
        names = [name for name in left.column_names if name not in ("batch_id", "ingested_at", "quarantined_at")]
        if not same or exact(left.select(names)) != exact(right.select(names)):
            found[table] = (left.schema, right.schema, left.num_rows, right.num_rows)
    return found
