import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sample_files import read


def parquet(tmp_path, **columns):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table(columns), path)
    return [json.loads(row["raw"]) for row in read(path, "parquet")]


def test_parquet_values_lose_nothing_on_their_way_into_json(tmp_path):
    found = parquet(
        tmp_path,
        d=pa.array([Decimal("0.10"), None], pa.decimal128(38, 2)),
        t=pa.array([datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=UTC)] * 2),
        day=pa.array([date(2026, 3, 1)] * 2),
        f=pa.array([float("nan"), float("-inf")]),
        big=pa.array([2**63 - 1] * 2),
        nested=pa.array([[{"x": Decimal("1.50")}]] * 2),
    )

    assert list(found[0].values()) == [
        *("0.10", "2026-03-01T09:00:00.123456+00:00", "2026-03-01", "nan"),
        *(2**63 - 1, [{"x": "1.50"}]),
    ]
    assert (found[1]["d"], found[1]["f"]) == (None, "-inf")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([time(9, 30)]), "09:30:00"),
        (pa.array([timedelta(seconds=90)]), "0:01:30"),
        (pa.array([[("vat", Decimal("0.20"))]], pa.map_(pa.string(), pa.decimal128(4, 2))), [["vat", "0.20"]]),
    ],
    ids=["time", "duration", "map"],
)
def test_parquet_values_of_any_type_are_read(tmp_path, values, expected):
    assert parquet(tmp_path, v=values) == [{"v": expected}]


def test_parquet_records_have_no_line_and_the_first_has_the_field_names(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"a": [1, 2], "é": ["x", "y"]}), path, row_group_size=1)

    found = [(row["line"], row["header"], row["raw"]) for row in read(path, "parquet")]

    assert found == [(None, json.dumps(["a", "é"]), '{"a": 1, "é": "x"}'), (None, None, '{"a": 2, "é": "y"}')]


def test_an_empty_parquet_file_has_no_records(tmp_path):
    assert parquet(tmp_path, a=pa.array([], pa.int64())) == []
