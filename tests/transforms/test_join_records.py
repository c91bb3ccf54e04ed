import pytest
from pyspark.sql import functions as F

from shoplake.columns.raw_record import csv_record
from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.transforms.join_records import join_records, waiting_records


@pytest.fixture
def parsed(some):
    """Parse CSV records, each with its batch."""

    def parse(header, *rows):
        cells = [
            {"feed": "shop", "raw": raw, "header": header, "file": header, "line": at, "batch_id": batch}
            for at, (raw, batch) in enumerate(rows, 1)
        ]
        return csv_record(some(orders_raw, *cells), header.split(","))

    return parse


@pytest.fixture
def parts(parsed):
    items = parsed("order_id,item", ("1,a", "b1"), ("1,b", "b3"), ("2,c", "b1"), (",d", "b1"), ("1,e,f", "b1"))
    return items, parsed("order_id,at", ("1,old", "b1"), ("1,new", "b2"))


def test_a_record_has_the_latest_part_the_later_batch_and_both_texts(parts):
    rows = join_records(*parts, on="order_id").where("order_id = '1'").orderBy("item").collect()

    assert [(row.item, row.at, row._source.batch_id, row._source.raw) for row in rows] == [
        ("a", "new", "b2", "1,a\n1,new"),
        ("b", "new", "b3", "1,b\n1,new"),
    ]


def test_a_joined_record_has_the_batch_of_its_own_record_also_where_it_is_joined_again(parts, parsed):
    once = join_records(*parts, on="order_id")
    buyers = parsed("order_id,buyer", ("1,ann", "b4"))

    rows = join_records(once, buyers, on="order_id").where("order_id = '1'").orderBy("item").collect()

    assert [(row.item, row._source.own_batch, row._source.batch_id) for row in rows] == [
        ("a", "b1", "b4"),
        ("b", "b3", "b4"),
    ]


def test_a_record_that_nothing_can_complete_is_kept(parts):
    rows = join_records(*parts, on="order_id").where("order_id IS NULL").collect()

    assert sorted((row._source.raw, row._source.problem) for row in rows) == [
        (",d", None),
        ("1,e,f", "fields_fit_header"),
    ]


def test_a_record_without_its_part_waits(parts):
    joined = join_records(*parts, on="order_id")

    assert joined.where("order_id = '2'").collect() == []
    assert [row.item for row in waiting_records(*parts, on="order_id").collect()] == ["c"]


def test_a_part_that_fits_no_record_of_any_key_is_kept(parsed):
    items = parsed("order_id,item", ("1,a", "b1"), ("9,z", "b1"))
    orders = parsed("order_id,at", ("1,x", "b1"), (",y", "b2"), (",z", "b2"), ("3,t,more", "b3"), ("4,no items", "b1"))

    rows = join_records(items, orders, on="order_id").where("item IS NULL").collect()

    sources = sorted((row._source.raw, row._source.file, row._source.line, row._source.batch_id) for row in rows)
    assert sources == [
        (",y", "order_id,at", 2, "b2"),
        (",z", "order_id,at", 3, "b2"),
        ("3,t,more", "order_id,at", 4, "b3"),
    ]
    assert sorted((row.at or "", row._source.problem or "") for row in rows) == [
        ("", "fields_fit_header"),
        ("y", ""),
        ("z", ""),
    ]


def test_a_part_that_is_not_valid_completes_nothing_and_is_kept_by_itself(parsed):
    items = parsed("order_id,item", ("1,a", "b1"), ("2,b", "b1"))
    orders = parsed("order_id,at", ("1,good", "b1"), ("1,bad", "b2"), ("2,bad", "b1"), ("3,bad", "b1"))
    is_valid = F.col("at") != "bad"

    rows = join_records(items, orders, on="order_id", part_is_valid=is_valid).collect()

    assert sorted((row.order_id, row.item or "", row.at, row._source.raw) for row in rows) == [
        ("1", "", "bad", "1,bad"),
        ("1", "a", "good", "1,a\n1,good"),
        ("2", "", "bad", "2,bad"),
        ("3", "", "bad", "3,bad"),
    ]
    assert [row.item for row in waiting_records(items, orders, "order_id", is_valid).collect()] == ["b"]
