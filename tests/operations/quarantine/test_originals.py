from dataclasses import replace
from types import SimpleNamespace

from sample_lake import SampleLake
from sample_tables import CATALOG, mark, marks

from shoplake.declare import Feed, FeedKind, Stream, expect
from shoplake.operations.definitions.record_evaluation import RecordEvaluator
from shoplake.operations.quarantine.originals import BronzeRecords, group_rows
from shoplake.operations.quarantine.records import RecordFilter, select_records


def row(id, batch, line=1):
    return {"_id": id, "batch_id": batch, "line": line}


def test_the_bronze_row_of_a_record_has_its_text(spark, tmp_path):
    sample = SampleLake(spark, tmp_path)
    sample.drop("marks/1", mark("a"), mark("b", n=0))
    sample.run()
    [record] = select_records(sample.engine, marks, RecordFilter())
    bronze = BronzeRecords.of(sample.engine, sample.catalog, sample.settings.feeds, [marks])

    [(name, found)] = bronze.find([record["record_id"]]).items()
    [[original]] = found.values()
    assert (name, original.raw, original.line) == ("marks_raw", record["raw"], 2)


def test_the_only_row_of_a_quarantined_record_is_in_no_table_whatever_the_rules_of_now(spark, tmp_path):
    sample = SampleLake(spark, tmp_path)
    sample.drop("marks/1", mark("a"), mark("b", n=0))
    sample.run()
    [record] = select_records(sample.engine, marks, RecordFilter())
    catalog = CATALOG.replaced(replace(marks, rules=(expect("n_positive", "n > -9"),)))
    evaluator = RecordEvaluator(sample.engine, catalog, sample.state, sample.settings)
    bronze = BronzeRecords.of(sample.engine, catalog, sample.settings.feeds, [catalog["marks"]])

    assert not bronze.is_part_valid(evaluator, catalog["marks"], [record["record_id"]])


def test_contents_that_came_again_are_one_record_and_equal_rows_of_a_file_are_several():
    rows = [row("a", "b2"), row("a", "b1"), row("b", "b1"), row("b", "b1")]

    assert group_rows(rows) == {"a": [row("a", "b2")], "b": [row("b", "b1")] * 2}


def test_a_file_that_several_streams_match_is_in_several_bronze_tables(spark):
    streams = (Stream("*.json", "json", into="marks_raw"), Stream("a*.json", "json", into="prices_raw"))
    feed = Feed("shop", FeedKind("two", "Two", streams, {}), "landing")

    bronze = BronzeRecords.of(SimpleNamespace(), CATALOG, (feed,), [CATALOG["marks"]])
    assert bronze.names == ("marks_raw", "prices_raw")
