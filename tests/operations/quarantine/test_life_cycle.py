"""Replay, fix and discard: each gives the lake that a full refresh gives, and repeating it changes nothing."""

import hashlib
import json
from dataclasses import replace

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sample_documents import receipt, receipts, receipts_raw, slip, slips
from sample_lake import SampleLake
from sample_tables import CATALOG, daily, mark, marks, marks_raw, read_marks

from shoplake.declare import expect
from shoplake.declare.catalog import Catalog
from shoplake.engine import AUDIT, DECISIONS
from shoplake.errors import KeyNotFoundError
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.life_cycle import QuarantineLifeCycle, to_fix_line
from shoplake.operations.quarantine.records import RecordFilter, select_records

GOOD, BAD = [mark("a"), mark("b", "2026-03-02T09:00:00Z", n=2)], [mark("c", n=0), mark("d", n=-5), mark("e", n="x")]
VALUES = ("id", "day", "n")


@pytest.fixture(scope="module")
def template(spark, tmp_path_factory):
    made = SampleLake(spark, tmp_path_factory.mktemp("quarantined"))
    made.drop("marks/1", *GOOD, *BAD)
    made.run()
    return made


@pytest.fixture
def sample(template, tmp_path):
    """A lake with three bad records in quarantine."""
    return template.copy(tmp_path)


def cycle(sample, catalog=None):
    return QuarantineLifeCycle(sample.engine, catalog or sample.catalog, sample.state, sample.settings)


def records(sample, table=marks, state="open", catalog=None):
    declared = (catalog or sample.catalog)[table.name]
    return {
        json.loads(row["record_key"])["id"]: row
        for row in select_records(sample.engine, declared, RecordFilter(state=state))
    }


def fixed(sample, **corrected):
    """Fix records by their key; the value is the new record."""
    found = records(sample)
    fix = FixFile.of({found[key]["record_id"]: json.dumps(record) for key, record in corrected.items()})
    return cycle(sample).fix(fix, {marks: list(fix.corrections)}, "ticket 41")


def looser(limit):
    """The same tables with a rule that lets more pass."""
    rule = expect("n_positive", f"n > {limit}")
    return Catalog([each if each.name != "marks" else replace_rules(each, rule) for each in CATALOG.values()])


def replace_rules(table, rule):
    return replace(table, rules=(rule,))


def test_a_record_is_named_by_feed_file_line_and_text(sample):
    row = records(sample)["c"]

    text = "\x1f".join(["shop", "marks/1.json", "3", json.dumps(BAD[0])])
    assert row["record_id"] == hashlib.sha256(text.encode()).hexdigest()[:16]


@pytest.mark.sample
def test_a_fix_is_a_lake_that_only_ever_saw_the_corrected_record(sample, spark, tmp_path):
    result = fixed(sample, c=mark("c", n=7), d=mark("d", n=8))
    other = SampleLake(spark, tmp_path / "other")
    other.drop("marks/1", *GOOD, mark("c", n=7), mark("d", n=8), BAD[2])
    other.run()

    assert (result.records, result.passed, result.still_bad) == (2, 2, {})
    assert sample.rows(marks, *VALUES) == other.rows(marks, *VALUES)
    assert sample.rows(daily) == other.rows(daily)
    assert (set(records(sample)), set(records(sample, state="fixed"))) == ({"e"}, {"c", "d"})


@pytest.mark.slow
def test_the_same_fix_twice_is_one_batch(sample):
    found = records(sample)
    fix = FixFile.of({found["c"]["record_id"]: json.dumps(mark("c", n=7))})
    for _ in range(2):
        cycle(sample).fix(fix, {marks: list(fix.corrections)}, "ticket 41")

    assert [row[0] for row in sample.rows(marks, "id")] == ["a", "b", "c"]
    assert len(sample.state.read(DECISIONS)) == len(sample.state.read(AUDIT)) == 1


@pytest.mark.slow
def test_a_fix_that_is_still_bad_can_be_fixed(sample):
    first = fixed(sample, c=mark("c", n=-1))
    second = fixed(sample, c=mark("c", n=9))

    assert (first.passed, first.still_bad) == (0, {"n_positive": 1})
    assert (second.passed, second.still_bad) == (1, {})
    assert ("c", 9) in sample.rows(marks, "id", "n")


@pytest.mark.slow
def test_a_full_refresh_heeds_fixes_and_discards(sample):
    fixed(sample, c=mark("c", n=7))
    cycle(sample).discard(marks, RecordFilter("n_fits_type"), "test shop")
    before = sample.rows(marks, *VALUES), sample.rows(daily)

    sample.run(full_refresh=True)

    assert (sample.rows(marks, *VALUES), sample.rows(daily)) == before
    assert set(records(sample, state=None)) == {"d"}


def test_a_discarded_record_is_counted_as_such_and_no_more_as_open(sample):
    result = cycle(sample).discard(marks, RecordFilter("n_fits_type"), "test shop")

    assert (result.records, set(records(sample)), set(records(sample, state="discarded"))) == (1, {"c", "d"}, {"e"})
    [row] = sample.state.read(AUDIT)
    assert (row["command"], row["subject"], row["because"]) == (
        "quarantine discarded",
        "1 records of silver.marks",
        "test shop",
    )


def test_a_record_that_passes_is_written_once_however_often_it_is_replayed(spark, tmp_path):
    catalog, lake = looser(-1), SampleLake(spark, tmp_path)
    lake.drop("marks/1", *GOOD, BAD[0])
    lake.run()

    results = [cycle(lake, catalog).replay(catalog["marks"]) for _ in range(2)]

    assert [(each.records, each.passed, each.still_bad) for each in results] == [(1, 1, {}), (0, 0, {})]
    assert [row[0] for row in lake.rows(marks, "id")] == ["a", "b", "c"]
    assert records(lake, state=None) == {}


@pytest.mark.slow
def test_a_replay_after_a_rule_is_loosened_is_a_full_refresh(sample, spark, tmp_path):
    catalog = looser(-1)
    result = cycle(sample, catalog).replay(catalog["marks"])
    other = SampleLake(spark, tmp_path / "other", catalog=catalog)
    other.drop("marks/1", *GOOD, *BAD)
    other.run()

    assert (result.records, result.passed, result.still_bad) == (3, 1, {"n_fits_type": 1, "n_positive": 1})
    assert sample.rows(marks, *VALUES) == other.rows(marks, *VALUES)
    assert sample.rows(daily) == other.rows(daily)


def of_several(marks_raw: DataFrame) -> DataFrame:
    """Marks whose records are made of two."""
    cells = [F.col(f"_source.{name}").alias(name) for name in ("file", "line", "batch_id", "ingested_at", "problem")]
    twice = F.concat_ws("\n", "_source.raw", "_source.raw").alias("raw")
    return read_marks(marks_raw).withColumn("_source", F.struct(twice, *cells))


def test_a_replay_of_records_that_are_made_of_several_loses_none(spark, tmp_path):
    several = replace(marks, build=of_several, _name="marks")
    lake = SampleLake(spark, tmp_path, catalog=Catalog([marks_raw, several]))
    lake.drop("marks/1", *GOOD, *BAD)
    lake.run()
    declared = replace_rules(several, expect("n_positive", "n > -1"))

    result = cycle(lake, Catalog([marks_raw, declared])).replay(declared)

    assert (result.records, result.passed, result.still_bad) == (3, 1, {"n_fits_type": 1, "n_positive": 1})
    assert [row[0] for row in lake.rows(marks, "id")] == ["a", "b", "c"]


@pytest.mark.slow
def test_a_replay_of_a_replay_changes_nothing(sample):
    catalog = looser(-1)
    cycle(sample, catalog).replay(catalog["marks"])
    before = sample.rows(marks), sample.rows(daily)

    result = cycle(sample, catalog).replay(catalog["marks"])

    assert (result.records, result.passed) == (2, 0)
    assert (sample.rows(marks), sample.rows(daily)) == before


def test_a_discarded_document_takes_its_valid_lines_with_it(spark, tmp_path):
    sample = SampleLake(spark, tmp_path, catalog=Catalog([receipts_raw, receipts]))
    sample.drop("receipts/1", receipt("x", 1), receipt("y", 1, 0))
    sample.run()
    cycle(sample).discard(receipts, RecordFilter(), "test order")
    after = sample.rows(receipts)
    sample.run(full_refresh=True)

    assert {row[1] for row in after} == {"x"}
    assert sample.rows(receipts) == after


def test_a_discard_by_id_that_is_repeated_changes_nothing_also_where_the_quarantine_was_rebuilt(spark, tmp_path):
    sample = SampleLake(spark, tmp_path, catalog=Catalog([receipts_raw, receipts]))
    sample.drop("receipts/1", receipt("x", 1), receipt("y", 1, 0), receipt("z", 0))
    sample.run()
    bad = next(each for each in select_records(sample.engine, receipts, RecordFilter()) if '"y"' in each["raw"])
    selection = RecordFilter(state=None, ids=(bad["record_id"],))
    cycle(sample).discard(receipts, selection, "test order")
    after = sample.versions()

    again = cycle(sample).discard(receipts, selection, "test order")

    assert (again.records, sample.versions()) == (0, after)
    with pytest.raises(KeyNotFoundError):
        cycle(sample).discard(receipts, RecordFilter(ids=("other",)), "test order")


def test_a_corrected_part_of_a_document_joins_its_other_parts(spark, tmp_path):
    lake = SampleLake(spark, tmp_path, catalog=Catalog([receipts_raw, slips]))
    lake.drop("receipts/1", slip("x", 1, 1), slip("x", 2, "two"), slip("x", 3, 3))
    lake.run()
    [bad] = select_records(lake.engine, slips, RecordFilter())
    fix = FixFile.of({bad["record_id"]: json.dumps(slip("x", 2, 2))})

    result = cycle(lake).fix(fix, {slips: list(fix.corrections)}, "ticket 41")

    assert (result.records, result.passed, result.still_bad) == (1, 1, {})
    assert lake.rows(slips, "line", "n") == [(1, 1), (2, 2), (3, 3)]


def test_a_record_with_several_bad_rows_is_still_bad_once(spark, tmp_path):
    lake = SampleLake(spark, tmp_path, catalog=Catalog([receipts_raw, receipts]))
    lake.drop("receipts/1", receipt("x", 0, 0))
    lake.run()
    [bad] = select_records(lake.engine, receipts, RecordFilter())
    fix = FixFile.of({bad["record_id"]: json.dumps(receipt("x", -1, -1))})

    result = cycle(lake).fix(fix, {receipts: list(fix.corrections)}, "ticket 41")

    assert (result.records, result.passed, result.still_bad) == (1, 0, {"n_positive": 1})


def test_an_exported_line_is_read_back(sample, tmp_path):
    row = records(sample)["c"]
    file = tmp_path / "bad.ndjson"
    file.write_text(to_fix_line(row) + "\n")

    [correction] = FixFile.read(file).corrections
    assert (correction.record_id, correction.raw) == (row["record_id"], json.dumps(BAD[0]))
