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


def test_all_lines_of_a_version_that_loses_are_superseded_also_repeated_ones(engine, spark):
    first, second = records(spark, slip("a", 1, 5), slip("a", 1, 5)), records(spark, slip("a", 1, 6))

    written = engine.write(slips, slips(first.unionAll(second.withColumn("file", F.lit("g")))))

    assert written == WriteResult(3, 1, rows_superseded=2)
    assert [row.n for row in engine.read(slips).collect()] == [6]
