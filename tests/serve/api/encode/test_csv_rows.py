import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from shoplake.serve.api.encode.csv_rows import csv_header, csv_rows


def read(batch):
    return list(csv.DictReader(io.StringIO((csv_header(batch.schema) + csv_rows(batch)).decode())))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x")'])
def test_a_formula_is_neutralised(text):
    assert read(pa.record_batch({"name": [text]})) == [{"name": f"'{text}"}]


def test_other_texts_and_negative_money_stay_as_they_are():
    batch = pa.record_batch({"name": ['a "quoted", b', "naïve"], "net": [Decimal("-1.50"), None]})

    assert read(batch) == [{"name": 'a "quoted", b', "net": "-1.50"}, {"name": "naïve", "net": ""}]


def test_times_are_iso_nested_values_json_and_nan_empty():
    at = pa.array([datetime(2026, 3, 1, 8, tzinfo=UTC)], pa.timestamp("s", "UTC"))
    batch = pa.record_batch({"at": at, "items": [[1, 2]], "ratio": [float("nan")]})

    assert read(batch) == [{"at": "2026-03-01T08:00:00Z", "items": "[1,2]", "ratio": ""}]


def test_a_formula_in_a_nested_text_is_neutralised_too():
    assert read(pa.record_batch({"item": [{"name": "=1"}]}))[0]["item"].startswith("{")


def test_bytes_and_intervals_are_text():
    day = pa.MonthDayNano([0, 1, 500_000_000])
    batch = pa.record_batch({"raw": [b"\xffx", None], "lasts": pa.array([day, None], pa.month_day_nano_interval())})

    assert read(batch) == [{"raw": "\ufffdx", "lasts": "P0M1DT0.5S"}, {"raw": "", "lasts": ""}]
