"""Places and ids of corrected records on both engines."""

from __future__ import annotations

import pytest

from shoplake.columns.record_place import corrected_file, record_id, record_id_of
from shoplake.engine import at_landed_places
from shoplake.engine.session import sail

SCHEMA = "feed string, raw string, file string, line bigint, batch_id string"
TEXTS = ('{"é":"😀"}', '1,"two\nlines"', "a\0b", "\ufeffx", "x" * 100_000)
LANDED = [("shop", text, f"orders/ä {at}.csv", at or None, "b000000001") for at, text in enumerate(TEXTS)]
FIX = "_fixes/0123456789abcdef.ndjson"
FIXED = [
    (feed, f"{raw}!", corrected_file(FIX, record_id_of(feed, file, line, raw), batch, file), line, "b000000002")
    for feed, raw, file, line, batch in LANDED
]
REPLACED = ["shop|orders/ä 0.csv", "shop|orders/ä 1.csv"]


@pytest.mark.parametrize("takes_batch", [True, False])
def test_corrected_records_are_the_same_at_the_same_places(on_spark, takes_batch):
    newer = [(*LANDED[0][:4], "b000000004")]

    def placed(session):
        fixed, landed = session.createDataFrame(FIXED, SCHEMA), session.createDataFrame(newer, SCHEMA)
        rows = at_landed_places(fixed, landed, REPLACED, takes_batch=takes_batch)
        return sorted(map(tuple, rows.withColumn("id", record_id()).collect()), key=repr)

    rows = placed(on_spark)

    assert rows == placed(sail.session())
    assert [row[2] for row in rows if row[2].endswith(("0.csv", "1.csv"))] == ["orders/ä 0.csv"]
    assert all(row[-1] == record_id_of(row[0], row[2], row[3], row[1]) for row in rows)
