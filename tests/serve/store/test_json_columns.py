import json

import pytest

from shoplake.declare import col
from shoplake.serve.store.connection import connect_memory
from shoplake.serve.store.json_columns import json_row, quoted


@pytest.mark.parametrize(
    ("type", "value", "expected"),
    [
        ("decimal(18,2)", "12.50::DECIMAL(18,2)", "12.50"),
        ("timestamp", "TIMESTAMPTZ '2026-03-01 09:00:00+01'", "2026-03-01T08:00:00Z"),
        ("timestamp", "TIMESTAMPTZ '2026-03-01 09:00:00.25+00'", "2026-03-01T09:00:00.250000Z"),
        ("date", "DATE '2026-03-01'", "2026-03-01"),
        ("double", "'nan'::DOUBLE", None),
        ("double", "'inf'::DOUBLE", None),
        ("double", "0.5::DOUBLE", 0.5),
        ("string", "'say \"hi\"'", 'say "hi"'),
        ("bigint", "NULL::BIGINT", None),
    ],
)
def test_a_value_is_written_for_programs(type, value, expected):
    with connect_memory() as connection:
        [text] = connection.execute(f"SELECT {json_row([col('x', type, '')])} FROM (SELECT {value} AS x)").fetchone()

    assert json.loads(text) == {"x": expected}


def test_a_name_with_a_quote_stays_one_name():
    assert quoted('a"b') == '"a""b"'
