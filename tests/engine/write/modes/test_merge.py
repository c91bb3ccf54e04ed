import pytest
from sample_documents import receipt, receipts
from sample_tables import mark, marks, records, rows_of

from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.table_plan import DateRange, FullRefresh, Partitions

LATE, EARLY = "2026-03-02T09:00:00Z", "2026-03-01T09:00:00Z"


@pytest.fixture
def engine(spark, tmp_path):
    made = DeltaEngine(spark, str(tmp_path / "lake"))
    for table in (marks, receipts):
        made.create_if_missing(table)
    return made


def test_a_full_refresh_of_documents_gives_the_rows_of_their_batches(engine, spark):
    sent = [receipt("a", 1, 2)], [receipt("a", 3)], [receipt("b", 4, at=LATE)], [receipt("b", 5, at=EARLY)]
    raw = [records(spark, *batch, batch=f"b{number}") for number, batch in enumerate(sent, 1)]
    for batch in raw:
        engine.write(receipts, receipts(batch))
    before = rows_of(engine, receipts)

    written = engine.write(receipts, receipts(raw[0].unionAll(raw[1]).unionAll(raw[2]).unionAll(raw[3])), FullRefresh())

    assert rows_of(engine, receipts) == before
    assert written == WriteResult(5, 2, rows_superseded=3, rows_replaced=2)


@pytest.mark.parametrize(("table", "sent"), [(marks, mark("a")), (receipts, receipt("a", 1))])
def test_a_full_refresh_counts_the_stored_rows_as_replaced(engine, spark, table, sent):
    engine.write(table, table(records(spark, sent)))

    assert engine.write(table, table(records(spark, sent)), FullRefresh()) == WriteResult(1, 1, rows_replaced=1)


def test_dates_are_overwritten_and_their_rows_are_replaced(engine, spark):
    sent = receipt("a", 1, 2, day="2026-03-01"), receipt("b", 3, day="2026-03-02")
    engine.write(receipts, receipts(records(spark, *sent)))

    written = engine.write(receipts, receipts(records(spark, *sent)), DateRange())

    assert written == WriteResult(3, 3, rows_replaced=3)


def test_single_partitions_of_merged_records_are_not_written(engine, spark):
    with pytest.raises(ValueError, match="is written by ReplaceDocuments, which has no Partitions"):
        engine.write(receipts, receipts(records(spark)), Partitions(frozenset()))
