"""Versions without a time that arrive in one batch are in the order of their files."""

import pytest
from pyspark.sql.functions import lit
from sample_documents import receipt, receipts, receipts_raw
from sample_tables import records, rows_of
from sample_writes import engine_with


@pytest.fixture
def engine(spark, tmp_path):
    return engine_with(spark, tmp_path / "lake", receipts_raw, receipts)


def of_file(spark, name, *sent):
    return receipts(records(spark, *sent, batch="b000000001")).withColumn("source_file", lit(name))


EARLIER_AND_LATER = [("orders.csv", "orders (1).csv"), ("orders-9.csv", "orders-10.csv"), ("2026-3.csv", "2026-10.csv")]


@pytest.mark.parametrize(("earlier", "later"), EARLIER_AND_LATER)
def test_of_two_files_in_one_write_the_later_one_wins(engine, spark, earlier, later):
    engine.write(receipts, of_file(spark, later, receipt("a", 2)).unionByName(of_file(spark, earlier, receipt("a", 1))))

    assert rows_of(engine, receipts, "id", "n") == [("a", 2)]


@pytest.mark.parametrize(("earlier", "later"), EARLIER_AND_LATER)
def test_of_two_files_of_one_batch_the_later_one_wins_whichever_is_written_first(engine, spark, earlier, later):
    for name, n in ((later, 2), (earlier, 1)):
        engine.write(receipts, of_file(spark, name, receipt("a", n)))

    assert rows_of(engine, receipts, "id", "n") == [("a", 2)]
