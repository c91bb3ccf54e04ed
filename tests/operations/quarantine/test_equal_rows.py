"""A fix or discard that changes no row of a table leaves it as it is, so that nothing is built on it."""

import json

import pytest
from sample_documents import receipt, receipts, receipts_raw, slip, slips
from sample_lake import SampleLake

from shoplake.declare.catalog import Catalog
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.life_cycle import QuarantineLifeCycle
from shoplake.operations.quarantine.records import RecordFilter, select_records

DAYS = "2026-03-01", "2026-03-02"


@pytest.fixture
def sample(spark, tmp_path):
    """A lake with valid receipts of two days, one with a bad line, and one that is all bad."""
    made = SampleLake(spark, tmp_path, catalog=Catalog([receipts_raw, receipts, slips]))
    valid = [receipt("x", 1, day=DAYS[0]), receipt("y", 2, day=DAYS[1])]
    made.drop("receipts/1", *valid, receipt("part", 3, 0, day=DAYS[1]), receipt("bad", 0))
    made.run()
    return made


def cycle(sample):
    return QuarantineLifeCycle(sample.engine, sample.catalog, sample.state, sample.settings)


def discard(sample, name):
    [bad] = [each for each in select_records(sample.engine, receipts, RecordFilter()) if f'"{name}"' in each["raw"]]
    return cycle(sample).discard(receipts, RecordFilter(ids=(bad["record_id"],)), "test order")


def test_a_discarded_record_of_which_no_row_is_valid_changes_no_table(sample):
    before = sample.versions()

    assert discard(sample, "bad").records == 1

    assert sample.versions()["receipts"] == before["receipts"]
    assert [row[1] for row in sample.rows(receipts)] == ["part", "x", "y"]


def test_a_discarded_document_changes_the_days_of_its_valid_rows_alone(sample):
    before = sample.versions()["receipts"]

    discard(sample, "part")

    assert sample.engine.commit_diff(receipts, before).values("day") == {DAYS[1]}
    assert [row[1] for row in sample.rows(receipts)] == ["x", "y"]


@pytest.mark.parametrize("table", [receipts, slips], ids=lambda table: table.name)
def test_a_fix_that_is_repeated_changes_no_table(spark, tmp_path, table):
    sample = SampleLake(spark, tmp_path, catalog=Catalog([receipts_raw, table]))
    record = receipt if table is receipts else lambda name, n: slip(name, 1, n)
    sample.drop("receipts/1", record("x", 1), record("y", 0))
    sample.run()
    [bad] = select_records(sample.engine, table, RecordFilter())
    fix = FixFile.of({bad["record_id"]: json.dumps(record("y", 2))})
    cycle(sample).fix(fix, {table: list(fix.corrections)}, "ticket 41")
    fixed = sample.versions()

    again = cycle(sample).fix(fix, {table: list(fix.corrections)}, "ticket 41")

    assert (again.records, again.passed, sample.versions()) == (1, 1, fixed)
    assert sample.rows(table, "id", "n") == [("x", 1), ("y", 2)]
