from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from shoplake.serve.export.cells import flatten_batch, flatten_schema, format_times, neutralize_formulas, remove_nul


def batch(kind, *values):
    return pa.record_batch({"value": pa.array(values, kind)})


def cells(batch):
    return batch.column(0).to_pylist()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_that_a_spreadsheet_may_evaluate_gets_an_apostrophe(start):
    assert cells(neutralize_formulas(batch(pa.string(), f"{start}1+1", "a=1", None))) == [f"'{start}1+1", "a=1", None]


def test_a_negative_number_stays_a_number():
    assert cells(neutralize_formulas(batch(pa.decimal128(18, 2), Decimal("-1.00")))) == [Decimal("-1.00")]


def test_maps_lists_and_structs_become_json():
    kinds = [pa.map_(pa.string(), pa.string()), pa.list_(pa.string()), pa.struct({"id": pa.int64()})]
    values = [[("b", "2"), ("a", "1")], ["x"], {"id": 1}]

    texts = [cells(flatten_batch(batch(kind, value, None))) for kind, value in zip(kinds, values, strict=True)]

    assert texts == [['{"a": "1", "b": "2"}', None], ['["x"]', None], ['{"id": 1}', None]]
    assert flatten_schema(pa.schema({"value": kinds[0]})).field("value").type == pa.string()


def test_times_are_iso_8601_in_utc():
    at = datetime(2026, 3, 1, 9, 30, 0, 250000, tzinfo=UTC)

    assert cells(format_times(batch(pa.timestamp("us", tz="UTC"), at, None))) == ["2026-03-01T09:30:00.250000Z", None]


def test_nul_characters_are_removed():
    assert cells(next(remove_nul([batch(pa.string(), "a\0b", None)]))) == ["ab", None]
