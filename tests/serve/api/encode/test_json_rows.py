import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa

from shoplake.serve.api.encode.json_rows import json_rows, ndjson, to_json

ROWS = pa.table(
    {
        "money": pa.array([Decimal("100000000000.00"), None], pa.decimal128(18, 2)),
        "day": [date(2026, 3, 1), None],
        "at": pa.array([datetime(2026, 3, 1, 8, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
        "ratio": [float("nan"), float("inf")],
        "items": [[{"amount": Decimal("1.10")}], None],
    }
)
EXPECTED = [
    {"money": "100000000000.00", "day": "2026-03-01", "at": "2026-03-01T08:00:00Z", "ratio": None}
    | {"items": [{"amount": "1.10"}]},
    dict.fromkeys(("money", "day", "at", "ratio", "items")),
]


def test_money_is_text_times_are_iso_and_nan_is_null():
    assert json.loads(to_json(json_rows(ROWS))) == EXPECTED


def test_ndjson_is_one_object_a_line():
    lines = ndjson(ROWS.to_batches()[0]).splitlines()

    assert [json.loads(line) for line in lines] == EXPECTED


def test_no_row_is_no_line():
    assert ndjson(pa.RecordBatch.from_pylist([], ROWS.schema)) == b""
