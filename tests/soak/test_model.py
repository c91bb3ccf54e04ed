"""What the model of a lake says of records that come again."""

import itertools
import json

import pytest
from pyspark.sql import functions as F

from tools.soak.model import Model, Record
from tools.soak.tables import LOOSE, STRICT
from tools.soak.xxhash import xxhash64

AT = "2026-03-02T02:54:47Z"


def test_the_hash_of_a_text_is_that_of_spark(spark):
    texts = ["", "é", *("€" + "x" * size for size in range(130))]

    rows = spark.createDataFrame([(text,) for text in texts], "text string").select("text", F.xxhash64("text"))

    assert dict(rows.collect()) == {text: xxhash64(text) for text in texts}


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_of_records_with_equal_times_the_greater_hash_counts_whatever_arrives_first(order):
    raws = [json.dumps({"id": "d", "day": "2026-03-02", "updated_at": AT, "lines": [str(n)]}) for n in (5, 6, 7)]
    model = Model()

    model.ingest([Record("receipts", raws[at], f"{place}.json", 1) for place, at in enumerate(order)])

    [(_, _, _, n, _)] = model.tables(["receipts"])["silver/receipts"]
    assert n == 5 + max(range(3), key=lambda at: xxhash64(raws[at]))


def test_of_equal_records_the_first_counts_as_it_was_judged():
    raw = json.dumps({"id": "d", "day": "2026-03-02", "updated_at": AT, "lines": ["9", "-1"]})
    model = Model(limit=STRICT)
    model.ingest([Record("receipts", raw, "1.json", 1)])
    model.limit = LOOSE

    model.ingest([Record("receipts", raw, "2.json", 1)])

    assert [row[1] for row in model.tables(["receipts"])["silver/receipts"]] == [1]
