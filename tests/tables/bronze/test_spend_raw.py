from shoplake.declare import Append
from shoplake.tables.bronze.spend_raw import spend_raw


def test_a_record_stays_as_it_arrived(some):
    record = {"feed": "shop", "raw": ' {"a": 1} ', "file": "one", "line": 7, "batch_id": "b1"}
    landed = some(spend_raw, record, record)

    rows = spend_raw(landed).collect()

    assert [row.asDict() for row in rows] == [row.asDict() for row in landed.collect()]
    assert {name: rows[0][name] for name in record} == record


def test_it_is_append_only_and_has_the_origin_of_each_record():
    names = {column.name for column in spend_raw.columns}

    assert spend_raw.write == Append()
    assert {"feed", "raw", "file", "line", "batch_id", "ingested_at"} <= names
