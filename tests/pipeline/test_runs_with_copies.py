"""Runs that read tables of days from kept copies have the rows of a full refresh."""

from pathlib import Path

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sample_lake import SampleLake
from sample_tables import CATALOG, DAYS, FEED, mark

from shoplake.declare import RebuildKeys, Replace, col, table
from shoplake.declare.catalog import Catalog
from shoplake.engine.write.kept_copies import KeptCopies

COLUMNS = [FEED, col("who", "string", "Whose marks"), col("total", "bigint", "Marks", unit="marks")]
BY_WHO = RebuildKeys(("feed", "who"), {"marks": ("feed", "who")})


@table("gold", key=["feed", "who"], write=Replace(), columns=COLUMNS)
def marks_by_who(marks: DataFrame) -> DataFrame:
    """One row per feed and person: the marks."""
    return marks.groupBy("feed", "who").agg(F.count("*").alias("total"))


@table("gold", key=["feed", "who"], write=Replace(rebuild_keys=BY_WHO), columns=COLUMNS)
def marks_of_keys(marks: DataFrame) -> DataFrame:
    """One row per feed and person: the marks."""
    return marks_by_who(marks)


@pytest.fixture
def sample(spark, tmp_path):
    """A lake that keeps a copy of each table of days that is read whole."""
    made = SampleLake(spark, tmp_path, catalog=Catalog([*CATALOG.values(), marks_by_who, marks_of_keys]))
    made.engine.copies = KeptCopies(made.engine, min_files=1)
    return made


def totals(sample):
    """The rows of both tables, which are to be the same."""
    one, other = (sorted(sample.rows(each, "who", "total")) for each in (marks_by_who, marks_of_keys))
    assert one == other
    return dict(one)


def test_each_run_counts_what_is_in_the_table_now(sample):
    for number, day in enumerate(DAYS):
        sample.drop(f"marks/{number}", mark(f"e{number}", f"{day}T09:00:00Z"))
        sample.run()
    assert totals(sample) == {"ada": len(DAYS)}

    sample.drop("marks/late", mark("late", f"{DAYS[0]}T10:00:00Z", who="bob"))
    sample.run()
    assert totals(sample) == {"ada": len(DAYS), "bob": 1}
    assert [*Path(sample.engine.lake, "_copies/silver/marks").glob("*/*.parquet")]

    sample.run(full_refresh=True)
    assert totals(sample) == {"ada": len(DAYS), "bob": 1}
