import json
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_files import read

from shoplake.engine.ingest.formats.parquet_reader import check_parquet, read_parquet

TIMES = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)) | st.datetimes(
    datetime(1969, 12, 31), datetime(1970, 1, 2)
)
COLUMNS = st.sampled_from(
    [
        (pa.string(), st.text(st.characters(exclude_categories=("Cs",)), max_size=5)),
        (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
        (pa.bool_(), st.booleans()),
        (pa.float64(), st.floats()),
        (pa.decimal128(9, 2), st.decimals("-99999.99", "99999.99", places=2)),
        (pa.date32(), st.dates()),
        (pa.timestamp("us"), TIMES),
        (pa.timestamp("us", "UTC"), TIMES.map(lambda at: at.replace(tzinfo=UTC))),
        (pa.timestamp("ms", "UTC"), TIMES.map(lambda at: at.replace(microsecond=0, tzinfo=UTC))),
        (pa.timestamp("us", "Asia/Tokyo"), st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1))),
        (pa.list_(pa.string()), st.lists(st.text('a"\n', max_size=3), max_size=3)),
    ]
)


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


def as_json(value):
    """A value as JSON, row by row."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) or value != value or value in (math.inf, -math.inf) else value


@settings(max_examples=examples(100))
@given(st.data())
def test_columns_become_the_json_that_each_row_alone_would_be(tmp_path_factory, data):
    size = data.draw(st.integers(1, 6))
    columns = [
        pa.array(data.draw(st.lists(st.none() | values, min_size=size, max_size=size)), kind)
        for kind, values in data.draw(st.lists(COLUMNS, min_size=1, max_size=4))
    ]
    table = pa.Table.from_arrays(columns, [f'a"{at}' for at in range(len(columns))])
    path = tmp_path_factory.mktemp("parquet") / "f.parquet"
    pq.write_table(table, path)

    rows = pq.read_table(path).to_pylist()
    assert [row["raw"] for row in read(path, "parquet")] == [
        json.dumps({name: as_json(value) for name, value in row.items()}, ensure_ascii=False) for row in rows
    ]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pa.array([253402300800], pa.timestamp("s", "UTC")), "10000-01-01T00:00:00+00:00"),
        (pa.array([2**62], pa.timestamp("us", "UTC")), "<value out of range: 4611686018427387904>+00:00"),
        (pa.array([2**31 - 1], pa.date32()), "<value out of range: 2147483647>"),
        (pa.array([2**62], pa.timestamp("us", "Asia/Tokyo")), "[ <value out of range: 4611686018427387904> ]"),
        (pa.array([2**62], pa.duration("ms")), "[ 4611686018427387904 ]"),
        (pa.array([[2**62]], pa.list_(pa.timestamp("us"))), "[ [ <value out of range: 4611686018427387904> ] ]"),
    ],
    ids=["year 10000", "endless", "endless day", "with a zone", "duration", "nested"],
)
def test_a_time_that_python_cannot_have_is_text_and_the_other_rows_are_read(tmp_path, values, text):
    columns = pa.concat_arrays([values, pa.nulls(1, values.type)])

    assert parquet(tmp_path, v=columns) == [{"v": text}, {"v": None}]


@pytest.mark.parametrize("is_nested", [False, True])
def test_a_text_that_is_no_utf8_is_the_problem_of_its_row_alone(tmp_path, is_nested):
    binary = pa.array([b"Tea", b"Caf\xe9", None])
    texts = pa.Array.from_buffers(pa.string(), 3, binary.buffers())
    if is_nested:
        texts = pa.StructArray.from_arrays([texts], ["name"])
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"name": texts, "n": [1, 2, 3]}), path)

    found = read(path, "parquet")

    assert [row["problem"] for row in found] == [None, "not_utf8", None]
    assert [json.loads(row["raw"])["n"] for row in found] == [1, 2, 3]
    assert "Caf" in found[1]["raw"] and (is_nested or json.loads(found[1]["raw"])["name"] == "Caf\\xe9")


def test_times_of_a_zone_that_is_not_known_here_are_in_utc(tmp_path):
    at = pa.array([0, None], pa.timestamp("us", "Mars/Base"))

    found = parquet(tmp_path, at=at, nested=pa.array([[0], None], pa.list_(at.type)))

    assert [row["at"] for row in found] == ["1970-01-01T00:00:00+00:00", None]
    assert "1970-01-01" in str(found[0]["nested"])


def test_of_columns_with_one_name_the_last_is_taken(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array([3])], ["a", "b", "a"]), path)

    assert [row["raw"] for row in read(path, "parquet")] == ['{"a": 3, "b": 2}']


def test_a_file_with_a_damaged_page_is_found_before_it_is_read(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"a": list(range(1000))}), path, compression="snappy", use_dictionary=False)
    check_parquet(str(path))
    damaged = bytearray(path.read_bytes())
    damaged[100:140] = bytes(each ^ 0x5A for each in damaged[100:140])
    path.write_bytes(damaged)

    with pytest.raises((OSError, ValueError)):
        check_parquet(str(path))


def test_wide_rows_are_read_few_at_once(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"text": [f"{number:06}" * 20_000 for number in range(400)]}), path, compression="zstd")

    parts = list(read_parquet(str(path)))

    assert sum(len(part.texts) for part in parts) == 400
    assert max(part.texts.nbytes for part in parts) < 32 << 20
    assert [part.headers.drop_null().to_pylist() for part in parts] == [['["text"]']] + [[]] * (len(parts) - 1)


def test_narrow_rows_are_read_many_at_once(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"number": range(20_000)}), path)

    assert [len(part.texts) for part in read_parquet(str(path))] == [16_384, 3_616]
