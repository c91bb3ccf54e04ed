from datetime import date

import pytest
from pyspark.sql.functions import lit
from sample_documents import receipt, receipts, receipts_raw, slip, slips
from sample_tables import DAYS, records, rows_of
from sample_writes import SeenRows, engine_with

from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.table_location import PathTable

EARLY, LATE = "2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z"


@pytest.fixture(params=["one writer", pytest.param("several writers", marks=pytest.mark.slow)])
def engine(request, spark, tmp_path, monkeypatch):
    """A lake with tables of documents; every behaviour is the same whether new rows are appended or merged."""
    if request.param == "several writers":
        monkeypatch.setattr(PathTable, "is_single_writer", False)
    return engine_with(spark, tmp_path / "lake", receipts_raw, receipts, slips)


@pytest.fixture
def take(engine, spark):
    """Write records into a table as the next batch, or as a batch of that number."""
    batches = iter(range(1, 99))

    def write(*sent, into=receipts, batch=None):
        number = batch or next(batches)
        return engine.write(into, into(records(spark, *sent, batch=f"b{number:09}")))

    return write


def lines(engine, table=receipts):
    return rows_of(engine, table, "id", "line", "n")


def test_a_document_without_a_time_is_replaced_by_the_one_that_arrives_later(engine, take):
    take(receipt("a", 2), receipt("b", 2))

    written = take(receipt("a", 1), receipt("b", 1))

    assert lines(engine) == [("a", 1, 1), ("b", 1, 1)]
    assert written == WriteResult(2, 2, rows_replaced=2, rows_outdated=2)


def test_lines_that_the_new_version_does_not_have_are_removed(engine, take):
    take(receipt("a", 5, 6, 7), receipt("b", 9))

    written = take(receipt("a", 4))

    assert lines(engine) == [("a", 1, 4), ("b", 1, 9)]
    assert (written.rows_written, written.rows_replaced) == (1, 3)


def test_lines_that_only_the_new_version_has_are_added(engine, take):
    take(receipt("a", 5))

    written = take(receipt("a", 5, 6))

    assert lines(engine) == [("a", 1, 5), ("a", 2, 6)]
    assert (written.rows_written, written.rows_replaced) == (2, 1)


def test_a_document_moves_to_another_partition_with_all_its_lines(engine, take):
    take(receipt("a", 5, 6, day=DAYS[0]))

    take(receipt("a", 5, day=DAYS[2]))

    assert rows_of(engine, receipts, "id", "line", "day") == [("a", 1, date(2026, 3, 3))]


@pytest.mark.parametrize("order", [(EARLY, LATE), (LATE, EARLY)])
def test_the_greatest_time_wins_whatever_arrives_first(engine, take, order):
    for at in order:
        take(receipt("a", 1 if at == EARLY else 2, at=at))

    assert lines(engine) == [("a", 1, 2)]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_at_equal_times_the_content_decides_and_not_the_arrival(engine, take, spark, order):
    hashes = {
        row.payload_hash: row.n
        for row in receipts(records(spark, *[receipt("a", n, at=EARLY) for n in order])).collect()
    }

    for n in order:
        take(receipt("a", n, at=EARLY))

    assert lines(engine) == [("a", 1, hashes[max(hashes)])]


def test_a_version_with_a_time_wins_over_a_later_one_without(engine, take):
    take(receipt("a", 1, at=EARLY))

    written = take(receipt("a", 2))

    assert lines(engine) == [("a", 1, 1)]
    assert written == WriteResult(1, 0, rows_superseded=1)


def test_an_older_version_is_superseded_and_no_conflict(engine, take):
    take(receipt("a", 1, at=LATE))

    written = take(receipt("a", 2, 3, at=EARLY))

    assert lines(engine) == [("a", 1, 1)]
    assert written == WriteResult(2, 0, rows_superseded=2)


def test_a_repeat_of_the_stored_version_is_a_duplicate_and_changes_nothing(engine, take):
    take(receipt("a", 1, 2))
    before = engine.version(receipts)

    written = take(receipt("a", 1, 2))

    assert written == WriteResult(2, 0, 0, 2)
    assert engine.version(receipts) == before


def test_a_batch_that_is_written_again_changes_nothing_and_counts_as_written(engine, take):
    first = take(receipt("a", 1, 2), batch=1)
    before = engine.version(receipts)

    again = take(receipt("a", 1, 2), batch=1)

    assert first == again == WriteResult(2, 2)
    assert engine.version(receipts) == before


@pytest.mark.sample
def test_a_batch_that_is_written_again_after_a_later_one_is_superseded(engine, take):
    take(receipt("a", 1), batch=1)
    take(receipt("a", 2), batch=2)

    written = take(receipt("a", 1), batch=1)

    assert lines(engine) == [("a", 1, 2)]
    assert written == WriteResult(1, 0, rows_superseded=1)


def test_of_several_versions_in_one_batch_the_last_line_wins(engine, take):
    written = take(receipt("a", 1, 1), receipt("a", 2), receipt("a", 2), receipt("b", 7))

    assert lines(engine) == [("a", 1, 2), ("b", 1, 7)]
    assert written == WriteResult(5, 2, 0, 1, rows_superseded=2)


@pytest.mark.parametrize("stored", [(), (receipt("a", 9, 9, 9),)], ids=["new", "stored"])
def test_of_several_versions_on_one_line_the_newest_wins_whole(engine, spark, take, stored):
    take(*stored, batch=1)
    page = [receipt("a", 1, 2, at=EARLY), receipt("a", 3, at=LATE), receipt("b", 4, at=EARLY)]
    on_one_line = receipts(records(spark, *page, batch="b000000002")).withColumn("version_line", lit(1).cast("bigint"))

    written = engine.write(receipts, on_one_line)

    assert lines(engine) == [("a", 1, 3), ("b", 1, 4)]
    assert written == WriteResult(4, 2, rows_superseded=2, rows_replaced=3 * len(stored), rows_outdated=3 * len(stored))


@pytest.mark.sample
def test_a_document_that_is_changed_back_within_a_batch_is_of_that_batch(engine, take):
    take(receipt("a", 1))

    take(receipt("a", 2), receipt("a", 1))

    assert rows_of(engine, receipts, "n", "batch_id", "version_line") == [(1, "b000000002", 2)]


def test_invalid_lines_are_quarantined_and_the_valid_ones_are_the_document(engine, take):
    take(receipt("a", 1, 2))

    written = take(receipt("a", 3, 0))

    assert lines(engine) == [("a", 1, 3)]
    assert (written.rows_read, written.rows_written, written.rows_quarantined, written.rows_replaced) == (2, 1, 1, 2)


def test_a_version_without_a_valid_line_leaves_the_stored_one(engine, take):
    take(receipt("a", 1))

    take(receipt("a", 0))

    assert lines(engine) == [("a", 1, 1)]


@pytest.mark.sample
def test_all_records_of_a_document_in_a_file_are_one_version(engine, take):
    take(slip("a", 1, 5), slip("b", 1, 6), slip("a", 2, 7), into=slips)

    written = take(slip("a", 2, 8), slip("a", 3, 9), into=slips)

    assert lines(engine, slips) == [("a", 2, 8), ("a", 3, 9), ("b", 1, 6)]
    assert (written.rows_written, written.rows_replaced) == (2, 2)


def test_flat_records_that_come_again_in_another_order_are_duplicates(engine, take):
    take(slip("a", 1, 5), slip("a", 2, 7), into=slips)

    assert take(slip("a", 2, 7), slip("a", 1, 5), into=slips) == WriteResult(2, 0, 0, 2)


def test_a_line_that_a_version_has_twice_is_kept_once_and_a_conflict_if_it_differs(engine, take):
    written = take(slip("a", 1, 5), slip("a", 1, 5), slip("a", 2, 6), slip("a", 2, 7), into=slips)

    assert [line for _, line, _ in lines(engine, slips)] == [1, 2]
    assert written == WriteResult(4, 2, 0, 2, 1)


@pytest.mark.sample
def test_a_version_with_a_repeated_line_comes_again_as_a_duplicate(engine, take):
    sent = (slip("a", 1, 5), slip("a", 1, 6))
    take(*sent, into=slips)
    before = lines(engine, slips)

    written = take(*sent, into=slips)

    assert (lines(engine, slips), written.rows_written, written.rows_duplicate) == (before, 0, 2)


def test_documents_of_different_feeds_do_not_meet(engine, spark):
    first = receipts(records(spark, receipt("a", 1)))
    engine.write(receipts, first)

    engine.write(
        receipts, receipts(records(spark, receipt("a", 2), batch="b000000002").replace("shop", "other", ["feed"]))
    )

    assert rows_of(engine, receipts, "feed", "n") == [("other", 2), ("shop", 1)]


@pytest.mark.sample
def test_a_check_sees_the_new_and_the_newer_documents_beside_those_that_stay(engine, spark):
    seen = SeenRows("id", "line", "n")
    both, b = [receipt("a", 4), receipt("c", 5)], receipt("b", 3)
    for number, sent in enumerate(([receipt("a", 1, 2), b], both, [receipt("d", 6)], [receipt("c", 7)], [b]), 1):
        seen.write(engine, receipts, receipts(records(spark, *sent, batch=f"b{number}")))

    a, b, c, d = lines(engine)
    assert seen.commits == [
        ([("a", 1, 1), ("a", 2, 2), b], None),
        ([a, ("c", 1, 5)], [b]),
        ([d], [a, b, ("c", 1, 5)]),
        ([c], [a, b, d]),
    ]
