"""Records that were fixed or discarded are shown, also where a rebuild left them out of the quarantine."""

import json

import pytest
from sample_documents import receipt, receipts, receipts_raw, slip, slips
from sample_lake import SampleLake
from sample_tables import marks

from shoplake.declare import expect
from shoplake.declare.catalog import Catalog
from shoplake.operations.definitions.record_evaluation import RecordEvaluator
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.decided_records import DecidedRecords
from shoplake.operations.quarantine.records import RecordFilter, find_records, select_records, summarise

from .test_life_cycle import BAD, GOOD, cycle, replace_rules

ANY = RecordFilter(state=None)


def lake_of(spark, folder, table, *output):
    lake = SampleLake(spark, folder, catalog=Catalog([receipts_raw, table]))
    lake.drop("receipts/1", *output)
    lake.run()
    return lake


def decided(lake, catalog=None):
    catalog = catalog or lake.catalog
    evaluator = RecordEvaluator(lake.engine, catalog, lake.state, lake.settings)
    return DecidedRecords(lake.engine, catalog, lake.settings.feeds, evaluator)


def select(lake, table, state=None):
    return select_records(lake.engine, table, RecordFilter(state=state), decided=decided(lake))


def fix(lake, table, record, corrected):
    file = FixFile.of({record["record_id"]: json.dumps(corrected)})
    cycle(lake).fix(file, {table: list(file.corrections)}, "ticket 41")


@pytest.fixture
def receipted(spark, tmp_path):
    """A lake whose receipts have two bad records: one with a good line beside two bad ones."""
    return lake_of(spark, tmp_path, receipts, receipt("x", 1), receipt("y", 1, 0, "many"), receipt("z", 0))


def test_a_discarded_document_is_as_it_was_in_the_quarantine_but_for_its_state(receipted):
    before = select_records(receipted.engine, receipts, RecordFilter())
    cycle(receipted).discard(receipts, RecordFilter(), "test order")

    assert select(receipted, receipts) == [each | {"state": "discarded"} for each in before]
    assert len(before) == 2 and select(receipted, receipts, "open") == []


def test_a_fixed_document_is_listed_beside_those_that_are_open(receipted):
    [y, z] = select_records(receipted.engine, receipts, RecordFilter())
    fix(receipted, receipts, y, receipt("y", 1, 2, 3))

    assert select(receipted, receipts) == [y | {"state": "fixed"}, z]
    [row] = summarise(receipted.engine, [receipts], RecordFilter("n_positive", "fixed"), decided(receipted))
    assert (row["reason"], row["records"], row["oldest_at"]) == ("n_positive", 1, y["quarantined_at"])


def test_a_correction_that_was_corrected_again_is_shown_with_both_texts(receipted):
    [y, _] = select_records(receipted.engine, receipts, RecordFilter())
    fix(receipted, receipts, y, receipt("y", -1))
    again = next(each for each in select(receipted, receipts, "open") if '"y"' in each["raw"])
    fix(receipted, receipts, again, receipt("y", 1))

    assert {each["raw"] for each in select(receipted, receipts, "fixed")} == {y["raw"], again["raw"]}


def test_a_decided_record_is_found_by_its_id(receipted):
    [y, _] = select_records(receipted.engine, receipts, RecordFilter())
    cycle(receipted).discard(receipts, RecordFilter(ids=(y["record_id"],)), "test order")

    found = find_records(receipted.engine, [receipts], [y["record_id"]], decided=decided(receipted))
    assert found == {receipts: [y | {"state": "discarded"}]}


def test_a_fixed_line_of_a_document_is_shown_without_its_other_lines(spark, tmp_path):
    lake = lake_of(spark, tmp_path, slips, slip("x", 1, 1), slip("x", 2, "two"), slip("x", 3, 3))
    [bad] = select_records(lake.engine, slips, RecordFilter())
    fix(lake, slips, bad, slip("x", 2, 2))

    assert select(lake, slips) == [bad | {"state": "fixed"}]


def test_a_record_that_a_looser_rule_would_pass_is_found_without_reasons(receipted):
    _, z = select_records(receipted.engine, receipts, RecordFilter())
    cycle(receipted).discard(receipts, RecordFilter(ids=(z["record_id"],)), "test order")
    loose = replace_rules(receipts, expect("n_positive", "n > -1"))

    rows = decided(receipted, Catalog([receipts_raw, loose])).rows(loose, ids=[z["record_id"]])
    assert [(row.record_key, row.reasons, row.state) for row in rows.collect()] == [('{"id":"z"}', [], "discarded")]


def test_an_upserted_table_shows_its_decided_records_after_a_full_refresh_too(spark, tmp_path):
    lake = SampleLake(spark, tmp_path)
    lake.drop("marks/1", *GOOD, *BAD)
    lake.run()
    cycle(lake).discard(marks, RecordFilter("n_fits_type"), "test shop")
    before = select(lake, marks)

    lake.run(full_refresh=True)

    assert (len(before), select(lake, marks)) == (3, before)


def test_where_nothing_was_decided_nothing_is_read(receipted):
    assert decided(receipted).rows(receipts) is None
    cycle(receipted).discard(receipts, RecordFilter(), "test order")
    assert decided(receipted).rows(receipts, "open") is None
    assert decided(receipted).rows(receipts_raw) is None
    assert decided(receipted).rows(receipts, ids=["0123456789abcdef"]) is None
