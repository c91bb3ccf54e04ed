import itertools

import pyarrow as pa
import pytest

from shoplake.transforms.sorted_groups import group_starts, iter_groups, sort_within_key

ROWS = pa.table({"id": list("aaabcc"), "_row_number": [1, 2, 3, 1, 1, 2]})


@pytest.mark.parametrize("size", range(1, 7))
def test_all_rows_of_a_key_are_in_one_batch(size):
    blocks = [block["id"].to_pylist() for block in iter_groups(iter(ROWS.to_batches(max_chunksize=size)), 2)]

    assert [each for block in blocks for each in block] == list("aaabcc")
    assert all(not set(one) & set(other) for one, other in itertools.pairwise(blocks))


def test_small_batches_are_combined():
    blocks = [block.num_rows for block in iter_groups(iter(ROWS.to_batches(max_chunksize=1)), 4)]

    assert blocks == [3, 3]


@pytest.mark.parametrize("size", [1, 100])
def test_long_texts_need_fewer_rows_for_a_batch(size):
    number = [1, 2, 1, 1] * 25
    rows = pa.table({"text": ["x" * 1_000] * 100, "_row_number": number})

    blocks = list(iter_groups(iter(rows.to_batches(max_chunksize=size)), 1_000, 10_000))

    assert pa.concat_tables(blocks)["_row_number"].to_pylist() == number
    assert max(block.nbytes for block in blocks) < 20_000
    assert all(block["_row_number"][0].as_py() == 1 for block in blocks)


def test_no_batches_yield_no_groups():
    assert list(iter_groups(iter([]))) == []


def test_the_engine_sorts_the_rows_of_each_key(spark):
    rows = spark.range(20_000).selectExpr("id % 7 AS key", "id * 7919 % 20011 AS at")

    sorted_rows = sort_within_key(rows, ["key"], ["at"]).mapInArrow(keys_and_times, "key bigint, at bigint").toArrow()

    assert sorted_rows.num_rows == 20_000
    for key in range(7):
        times = [row["at"] for row in sorted_rows.to_pylist() if row["key"] == key]
        assert times == sorted(times)


def keys_and_times(blocks):
    for rows in iter_groups(blocks):
        group_starts(rows)
        yield from rows.select(["key", "at"]).to_batches()


def test_rows_of_a_key_out_of_order_are_an_error():
    with pytest.raises(ValueError, match="in order"):
        group_starts(pa.table({"_row_number": [1, 3]}))
