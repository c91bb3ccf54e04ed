"""Dates that are rebuilt after a rule changed and the rows were kept: what is there is as a full refresh makes it."""

from dataclasses import replace
from datetime import date

import pytest
from sample_lake import SampleLake
from sample_tables import CATALOG, mark, marks

from shoplake.declare import expect
from shoplake.declare.catalog import Catalog

LOOSE, STRICT = (
    Catalog([CATALOG["marks_raw"], replace(marks, rules=(expect("counts", f"n > {limit}"),))]) for limit in (-9, 0)
)
FIRST, SECOND = "2026-03-01", "2026-03-02"


def lake_of(spark, folder, catalog, *records):
    """Return a lake that ran, with one file for each of some records."""
    made = SampleLake(spark, folder, catalog=catalog)
    for number, record in enumerate(records):
        made.drop(f"marks/{number}", record)
    made.run()
    return made


def stored(lake):
    """Return the days of the valid rows and the texts of the quarantined ones."""
    quarantine = lake.engine.read(lake.catalog["marks"].quarantine)
    days = [(id, str(day)) for id, day in lake.rows(lake.catalog["marks"], "id", "day")]
    return sorted(days), sorted(row.raw for row in quarantine.collect())


def rebuilt(lake, catalog, day):
    """Return what a lake has after a rebuild of one day with other rules."""
    lake.catalog = catalog
    lake.run(start=date.fromisoformat(day), end=date.fromisoformat(day))
    return stored(lake)


def test_a_record_of_the_dates_that_is_invalid_now_is_quarantined_and_no_other(spark, tmp_path):
    lake = lake_of(
        spark, tmp_path, LOOSE, mark("a", f"{FIRST}T09:00:00Z", n=-1), mark("b", f"{SECOND}T09:00:00Z", n=-2)
    )

    days, [text] = rebuilt(lake, STRICT, SECOND)

    assert days == [("a", FIRST)]
    assert '"b"' in text


@pytest.mark.parametrize(("before", "after"), [(LOOSE, STRICT), (STRICT, LOOSE)])
def test_what_wins_on_another_date_now_is_stored_or_removed_there(spark, tmp_path, before, after):
    sent = (
        mark("a", f"{FIRST}T09:00:00Z", n=-1),
        mark("a", f"{SECOND}T09:00:00Z", n=3),
        mark("b", f"{SECOND}T08:00:00Z"),
    )
    lake = lake_of(spark, tmp_path / "kept", before, *sent)

    found = rebuilt(lake, after, FIRST)

    assert found == stored(lake_of(spark, tmp_path / "new", after, *sent))


def test_a_quarantine_that_stays_as_it_is_is_not_written(spark, tmp_path):
    lake = lake_of(spark, tmp_path, STRICT, mark("a", f"{FIRST}T09:00:00Z", n=-1), mark("b", f"{FIRST}T09:00:00Z"))
    quarantine = lake.catalog["marks"].quarantine
    before = lake.engine.version(quarantine)

    rebuilt(lake, STRICT, FIRST)

    assert lake.engine.version(quarantine) == before
