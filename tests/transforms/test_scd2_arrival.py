"""Changes of one time that are in the order in which they arrived."""

from datetime import UTC, datetime

from shoplake.declare import Scd2
from shoplake.transforms.scd2 import build_scd2

AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_of_changes_at_one_time_the_sequence_decides_then_arrival_then_a_deletion(spark):
    columns = "feed string, id string, at timestamp, name string, operation string, sequence int, arrived string"
    changes = [
        *(("s", "sequence", AT, "a", None, 2, "1"), ("s", "sequence", AT, "z", None, 1, "2")),
        *(("s", "arrival", AT, "a", None, None, "2"), ("s", "arrival", AT, "z", "delete", None, "1")),
        *(("s", "gone", AT, "a", "delete", None, "2"), ("s", "gone", AT, "z", None, None, "1")),
        *(("s", "unknown", AT, "z", None, None, None), ("s", "unknown", AT, "a", None, None, "1")),
    ]
    types = dict(each.split() for each in columns.split(", ")[:-1])
    write = Scd2("at", operation="operation", sequence_by="sequence")

    rows = build_scd2(spark.createDataFrame(changes, columns), ["feed", "id"], write, types, "arrived").collect()

    assert {row.id: row.name for row in rows} == {"sequence": "a", "arrival": "a", "unknown": "a"}
