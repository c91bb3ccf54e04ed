import json

import pytest
from pyspark.sql import functions as F
from sample_documents import receipt, receipts, receipts_raw, slip, slips
from sample_tables import CATALOG, mark, marks, price, prices, records
from sample_writes import engine_with

from shoplake.quality.quarantine import count_open, quarantined_rows


@pytest.fixture
def engine(spark, tmp_path):
    return engine_with(spark, tmp_path / "lake", *CATALOG.ordered, receipts_raw, receipts, slips)


@pytest.fixture
def states(engine, spark):
    """The state of each quarantined record after some batches, by its key."""

    def written(table, *batches):
        for number, batch in enumerate(batches, 1):
            engine.write(table, table(records(spark, *batch, batch=f"b{number}")))
        rows = quarantined_rows(engine, table, table.quarantine).collect()
        return sorted(((row.record_key and json.loads(row.record_key), row.state) for row in rows), key=str)

    return written


@pytest.mark.parametrize(
    ("table", "bad", "good", "key"),
    [
        (marks, mark("a", n=0), mark("a"), {"id": "a"}),
        (prices, price("x", "cheap", "2026-03-01"), price("x", "1.00", "2026-03-02"), {"thing": "x"}),
        (receipts, receipt("a", 0), receipt("a", 1), {"id": "a"}),
        (slips, slip("a", 1, 0), slip("a", 1, 5), {"id": "a"}),
    ],
    ids=lambda each: getattr(each, "name", None),
)
def test_a_record_whose_key_arrives_valid_later_is_superseded(states, table, bad, good, key):
    assert states(table, [bad], [good]) == [(key, "superseded")]


def test_a_record_that_arrives_after_a_valid_one_is_open(states):
    assert states(receipts, [receipt("a", 1)], [receipt("a", 0)]) == [({"id": "a"}, "open")]


def test_an_invalid_line_of_a_document_with_valid_ones_is_open(states):
    assert states(receipts, [receipt("a", 1, 0)]) == [({"id": "a"}, "open")]


def test_a_later_line_of_the_same_file_supersedes(states):
    assert states(receipts, [receipt("a", 0), receipt("a", 1)]) == [({"id": "a"}, "superseded")]


def test_a_record_that_cannot_be_read_has_no_key_and_is_open(states):
    assert states(marks, ["garbage"], [mark("a")]) == [(None, "open")]


def test_open_records_are_counted_by_table(engine, states):
    states(marks, [mark("a", n=0), mark("b", n=0)], [mark("a")])

    assert count_open(engine, [marks, receipts, receipts_raw]) == {"silver.marks": 1, "silver.receipts": 0}


def test_a_later_file_of_an_earlier_batch_supersedes_nothing(engine, spark):
    def write(sent, batch, file):
        rows = receipts(records(spark, sent, batch=batch))
        place = F.col("_source").withField("file", F.lit(file))
        engine.write(receipts, rows.withColumns({"source_file": F.lit(file), "_source": place}))

    for sent, batch, file in ((receipt("a", 1), "b1", "z"), (receipt("a", 2), "b2", "c"), (receipt("a", 0), "b2", "m")):
        write(sent, batch, file)

    [row] = quarantined_rows(engine, receipts, receipts.quarantine).collect()
    assert row.state == "open"
