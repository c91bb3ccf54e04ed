import itertools

import pyarrow as pa
import pytest

from shoplake.transforms.sorted_groups import group_starts, iter_groups, sort_within_key

ROWS = pa.table({"id": list("aaabcc"), "_number": [1, 2, 3, 1, 1, 2]})


@pytest.mark.parametrize("size", range(1, 7))
def test_all_rows_of_a_key_come_in_one_block(monkeypatch, size):
    monkeypatch.setattr("shoplake.transforms.sorted_groups.MIN_BATCH_ROWS", 2)

    blocks = [block["id"].to_pylist() for block in iter_groups(iter(ROWS.to_batches(max_chunksize=size)))]

    assert [each for block in blocks for each in block] == list("aaabcc")
    assert all(not set(one) & set(other) for one, other in itertools.pairwise(blocks))


def test_small_blocks_are_put_together(monkeypatch):
    monkeypatch.setattr("shoplake.transforms.sorted_groups.MIN_BATCH_ROWS", 4)

    blocks = [block.num_rows for block in iter_groups(iter(ROWS.to_batches(max_chunksize=1)))]

    assert blocks == [3, 3]


def test_nothing_comes_of_nothing():
    assert list(iter_groups(iter([]))) == []


def test_the_engine_keeps_the_rows_of_a_key_in_order(spark):
    rows = spark.range(20_000).selectExpr("id % 7 AS key", "id * 7919 % 20011 AS at")

    told = sort_within_key(rows, ["key"], ["at"]).mapInArrow(keys_and_times, "key bigint, at bigint").toArrow()

    assert told.num_rows == 20_000
    for key in range(7):
        times = [row["at"] for row in told.to_pylist() if row["key"] == key]
        assert times == sorted(times)


def keys_and_times(blocks):
    for rows in iter_groups(blocks):
        group_starts(rows)
        yield from rows.select(["key", "at"]).to_batches()


def test_rows_that_did_not_stay_in_order_are_an_error():
    with pytest.raises(ValueError, match="in order"):
        group_starts(pa.table({"_number": [1, 3]}))
