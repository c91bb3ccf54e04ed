"""How the rows of documents are counted that come again or lose within a batch."""

import pytest
from pyspark.sql import functions as F
from sample_documents import receipt, receipts, slip, slips
from sample_tables import records
from sample_writes import engine_with

from shoplake.engine.protocol import WriteResult


@pytest.fixture
def engine(spark, tmp_path):
    return engine_with(spark, tmp_path / "lake", receipts, slips)


def test_a_document_without_a_time_that_comes_again_is_a_duplicate(engine, spark):
    sent = [receipt("a", 1)], [receipt("a", 1), receipt("b", 2)]

    counts = [engine.write(receipts, receipts(records(spark, *each, batch=f"b{at}"))) for at, each in enumerate(sent)]

    assert counts == [WriteResult(1, 1), WriteResult(2, 1, rows_duplicate=1)]


def test_of_two_equal_versions_in_a_batch_one_is_a_duplicate_and_both_where_they_repeat_a_stored_one(engine, spark):
    sent = receipt("a", 1), receipt("a", 1)

    counts = [engine.write(receipts, receipts(records(spark, *sent, batch=f"b{at}"))) for at in (1, 2)]

    assert counts == [WriteResult(2, 1, rows_duplicate=1), WriteResult(2, 0, rows_duplicate=2)]


def test_all_rows_of_a_version_that_repeats_another_of_its_batch_are_duplicates_also_repeated_lines(engine, spark):
    first = records(spark, slip("a", 1, 5), slip("a", 1, 5))

    written = engine.write(slips, slips(first.unionAll(first.withColumn("file", F.lit("g")))))

    assert written == WriteResult(4, 1, rows_duplicate=3)


def test_a_repeat_of_a_stored_document_is_a_duplicate_beside_another_with_several_versions(engine, spark):
    sent = [receipt("b", 1)], [receipt("a", 1), receipt("a", 2), receipt("b", 1)]

    counts = [engine.write(receipts, receipts(records(spark, *each, batch=f"b{at}"))) for at, each in enumerate(sent)]

    assert counts[1] == WriteResult(3, 1, rows_superseded=1, rows_duplicate=1)


def test_the_rows_of_an_older_version_are_superseded_and_not_those_of_the_stored_one(engine, spark):
    early, late = "2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z"
    sent = [receipt("a", 1, 2, 3, at=late)], [receipt("a", 4, at=early)]

    counts = [engine.write(receipts, receipts(records(spark, *each, batch=f"b{at}"))) for at, each in enumerate(sent)]

    assert counts[1] == WriteResult(1, 0, rows_superseded=1)


@pytest.mark.sample
def test_of_lines_with_one_number_the_same_wins_whatever_their_batch(spark, tmp_path):
    kept = set()
    for batch in map(str, range(6)):
        engine = engine_with(spark, tmp_path / batch, receipts)
        rows = receipts(records(spark, receipt("a", 5, 6), batch=batch)).withColumn("line", F.lit(1))
        assert engine.write(receipts, rows) == WriteResult(2, 1, rows_duplicate=1, rows_conflicting=1)
        kept |= {row.n for row in engine.read(receipts).collect()}

    assert len(kept) == 1


def test_all_lines_of_a_version_that_loses_are_superseded_also_repeated_ones(engine, spark):
    first, second = records(spark, slip("a", 1, 5), slip("a", 1, 5)), records(spark, slip("a", 1, 6))

    written = engine.write(slips, slips(first.unionAll(second.withColumn("file", F.lit("g")))))

    assert written == WriteResult(3, 1, rows_superseded=2)
    assert [row.n for row in engine.read(slips).collect()] == [6]


def test_a_line_that_several_records_say_alike_is_a_duplicate_and_no_conflict(engine, spark):
    rows = slips(records(spark, slip("a", 1, 5), slip("a", 1, 5), slip("a", 2, 6), slip("a", 2, 7)))

    written = engine.write(slips, rows.withColumn("payload_hash", F.monotonically_increasing_id()))

    assert written == WriteResult(4, 2, rows_duplicate=2, rows_conflicting=1)
