from __future__ import annotations

import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest
import sample_changes
from pyspark.sql import functions as F
from sample_changes import TABLES, ChangingLake, changed, fill, fresh_rows
from sample_tables import MARKS, drop, mark, read_marks

from shoplake.columns.raw_record import BRONZE_COLUMNS
from shoplake.declare import Upsert, col
from shoplake.errors import DeclarationError
from shoplake.operations.definitions.lake_definitions import LakeDefinitions


def marks_with(column, cell):
    """The function of `marks` with one more column."""

    def build(marks_raw):
        return read_marks(marks_raw).withColumn(column, cell)

    return build


def twice_as_many(daily):
    return daily.groupBy("feed").agg((F.sum("pieces") * 2).cast("bigint").alias("pieces"))


def largest(rows):
    return rows.groupBy("feed").agg(F.max("pieces").cast("bigint").alias("pieces"))


def tripled(n):
    return n * 3


def summed_otherwise(rows):
    """The same plan in other words."""
    total = F.sum("pieces")
    as_number = total.cast("bigint")
    return rows.groupBy("feed").agg(as_number.alias("pieces"))


def daily_dropped(marks, prices):
    return TABLES["daily"].build(marks, prices).drop("things")


DAILY = TABLES["daily"].columns


def with_source():
    """Bronze marks with one more column."""
    return changed("marks_raw", columns=(*BRONZE_COLUMNS, col("source", "string", "Who sent it")))


@pytest.mark.sample
def test_a_bronze_column_is_added_in_the_log_and_old_rows_have_null(lake):
    files, rows = lake.files(), lake.rows()
    lake.tables = with_source()

    assert lake.plan() == {"bronze.marks_raw": "ADD_COLUMNS"}
    lake.run()

    sources = lake.engine().read(lake.tables["marks_raw"]).select("source").distinct().collect()
    assert [row.source for row in sources] == [None]
    assert (lake.files(), lake.plan()) == (files, {})
    assert lake.rows() | {"bronze.marks_raw": None} == rows | {"bronze.marks_raw": None}


@pytest.mark.slow
def test_a_dropped_bronze_column_is_gone_after_the_table_is_rewritten(lake):
    rows, lake.tables = lake.rows(), with_source()
    lake.apply()
    lake.tables = TABLES

    assert lake.plan() == {"bronze.marks_raw": "REBUILD"}
    lake.apply()

    assert (lake.rows(), lake.plan()) == (rows, {})
    assert "source" not in lake.engine().location(TABLES["marks_raw"]).read().columns


@pytest.mark.slow
def test_a_changed_time_zone_rebuilds_the_tables_of_that_feed(lake, tmp_path):
    (of,) = lake.settings.feeds
    lake.settings = replace(lake.settings, feeds=(replace(of, timezone="Asia/Tokyo"),))

    assert lake.plan() == {"silver.local_marks": "REBUILD"}
    assert lake.reasons("silver.local_marks") == ("time zone of feed shop: UTC → Asia/Tokyo",)
    lake.apply()

    assert lake.rows() == fresh_rows(lake, tmp_path / "fresh")
    assert lake.plan() == {}


@pytest.fixture
def patched(monkeypatch):
    """Replaces functions of modules whose files stay as they are, so that their stamp does not count."""
    monkeypatch.setattr(LakeDefinitions, "_stamps", lambda self: SimpleNamespace(lake=None, tables={}))
    return monkeypatch


def test_a_changed_helper_rebuilds_the_table_and_is_named(lake, patched):
    patched.setattr(sample_changes, "add_pieces", largest)

    assert lake.plan() == {"gold.helped": "REBUILD"}
    assert "sample_changes.add_pieces" in lake.reasons("gold.helped")[0]


def test_code_that_runs_inside_the_engine_is_compared_by_its_source(lake, patched):
    patched.setattr(sample_changes, "doubled", tripled)

    assert lake.plan() == {"gold.doubles": "REBUILD"}


def test_a_refactored_helper_with_the_same_plan_touches_no_row(lake, patched):
    files = lake.files()
    patched.setattr(sample_changes, "add_pieces", summed_otherwise)

    assert lake.plan() == {"gold.helped": "NOTHING"}
    lake.apply()

    assert (lake.plan(), lake.files()) == ({}, files)


def test_a_table_that_is_kept_has_its_old_rows_and_its_new_definition(lake):
    lake.tables = changed("totals", build=twice_as_many)
    rows = lake.rows()

    lake.apply(keep=["gold.totals"])

    assert (lake.plan(), lake.rows()) == ({}, rows)


def test_a_table_with_other_columns_cannot_be_kept(lake):
    lake.tables = changed("daily", columns=DAILY[:-1], build=daily_dropped)

    with pytest.raises(DeclarationError, match=r"gold\.daily cannot be kept: its columns"):
        lake.apply(keep=["gold.daily"])


def test_only_the_table_that_is_named_is_applied(lake):
    lake.tables = changed("totals", build=twice_as_many) | {
        "latest": replace(TABLES["latest"], write=Upsert(order_by="at", keep="first"))
    }

    lake.apply(select="gold.totals")

    assert lake.plan() == {"silver.latest": "REBUILD"}


def test_a_table_that_is_no_longer_declared_moves_to_the_trash(lake):
    lake.tables = {name: each for name, each in TABLES.items() if name != "latest"}

    assert lake.plan() == {"silver.latest": "DROP"}
    lake.apply()

    moved = sorted(path.name.rpartition("-")[0] for path in (lake.folder / "lake/_trash").iterdir())
    assert moved == ["silver.latest", "silver.latest_quarantine"]
    assert lake.plan() == {}


class KilledError(Exception):
    """Stands for the end of the process."""


class KillAfter:
    """Ends the process when work on the table after so many others begins."""

    def __init__(self, tables):
        self._left = tables

    def started(self, table):
        if self._left == 0:
            raise KilledError
        self._left -= 1

    def finished(self, step):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("tables", range(7))
def test_after_a_kill_at_any_table_the_plan_shows_the_rest_and_it_can_be_applied(filled, tmp_path, expected, tables):
    lake = filled.copy(tmp_path / "copy")
    lake.tables = retyped_marks()
    planned = lake.plan()

    with pytest.raises(KilledError):
        lake.apply(listener=KillAfter(tables))

    rest = lake.plan()
    assert rest and rest.keys() <= planned.keys()
    lake.apply()
    assert (lake.plan(), lake.rows()) == ({}, expected)


@pytest.mark.slow
def test_files_that_arrive_after_an_apply_are_ingested_as_by_a_fresh_lake(lake, tmp_path):
    lake.tables = retyped_marks() | changed("daily", columns=DAILY[:-1], build=daily_dropped)
    lake.tables |= {name: retyped_marks()[name] for name in ("marks", "copies")}
    lake.landing = shutil.copytree(lake.landing, tmp_path / "landing")
    lake.settings = replace(lake.settings, feeds=(replace(lake.settings.feeds[0], path=str(lake.landing)),))
    lake.apply()

    third = {"marks/c": (mark("f", "2026-03-04T10:00:00Z", n=5), mark("g", "2026-03-02T10:00:00Z", n=0))}
    fresh_lake = ChangingLake(lake.session, tmp_path / "fresh")
    fresh_lake.tables = lake.tables
    fill(fresh_lake)
    for each in (lake, fresh_lake):
        for name, records in third.items():
            drop(each.landing / f"{name}.json", *records)
        each.run()

    assert lake.rows() == fresh_lake.rows()


@pytest.fixture(scope="module")
def expected(filled, tmp_path_factory):
    """The rows of a fresh lake in which marks have numbers of another type."""
    lake = filled.copy(tmp_path_factory.mktemp("expected"))
    lake.tables = retyped_marks()
    return fresh_rows(lake, tmp_path_factory.mktemp("fresh"))


def retyped_marks():
    """Marks whose numbers are wider, which changes their files under all tables that read them."""
    marks = changed("marks", columns=wider(MARKS), build=marks_with("n", F.col("n").cast("bigint")))
    return marks | {"copies": replace(TABLES["copies"], columns=wider(TABLES["copies"].columns))}


def wider(columns):
    return tuple(replace(each, type="bigint") if each.name == "n" else each for each in columns)
