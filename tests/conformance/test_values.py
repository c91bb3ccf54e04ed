"""What a record's text becomes, on both engines the same: JSON, CSV, numbers, times, text, nulls and NaN."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.json import is_one_value, parse_json
from shoplake.columns.raw_record import csv_cells, parse_as
from shoplake.columns.time import from_local, local_date
from shoplake.declare import Replace, Stream, col, table
from shoplake.engine.ingest import record_reader

GOOD = '{"id":"é😀","n":1.10}'
BAD = (
    *(GOOD + behind for behind in (" trailing", "}", GOOD, "," + GOOD, "]", '] {"a":1}', ',"x":1')),
    *(f'{{"id":"a","n":{n}}}' for n in ("NaN", "-Infinity", "01", "+1", ".5", "tru")),
    *("{'id':'a'}", "{", '{"id":"a",}', '{"id":"a" "n":1}', "text", "", r'{"id":"\ud800"}'),
)
NUMBERS = {"1": 1, " 1 ": 1, "1.0": 1, "1.10": Decimal("1.1"), "1e3": 1000, "1e-05": 0, "-.5": Decimal("-.5")}
NUMBERS |= {"9999999999.9999": Decimal("9999999999.9999"), "0.00005": Decimal("0.0001")}
NUMBERS |= {"15e-5": Decimal("0.0002"), "1.23456785e3": Decimal("1234.5679"), "\t7\n": 7}
NO_NUMBERS = ("1_0", "1,0", "0x1", "NaN", "1\u00a0", "１", "", "1d", "10000000000", "1e10", "\x1f1", "1\0")
NO_NUMBERS += ("1.e2", ".5e1", " 1e2", "1\u2028")
DAY, HOUR = 86_400_000_000, 3_600_000_000
TIMES = {"1970-01-02T00:00:00Z": DAY, "1970-01-01 00:00:00": 0, "1970-01-01T01:00+01:00": 0, "1970-01-01T00:00": 0}
TIMES |= {"1970-01-01T00:00:00.1234567Z": 123_456, "1969-12-31T23:59:59.999999Z": -1, "1970-01-02": DAY}
NO_TIMES = ("now", "today", "epoch", "12:00:00", "0", "1970-02-30T00:00:00Z", "1970-01-01T25:00:00Z", "")
NO_TIMES += ("1970-01-01T00:00:00Z\u00a0", "1970-01-01T00:00:00\u2003")


def answers(rows, *columns):
    """The one column of rows as a list, in the order of their lines."""
    return [row[-1] for row in rows.select("line", *columns).orderBy("line").collect()]


def test_a_record_is_one_json_object_to_its_end_or_it_is_none(some):
    output = F.when(is_one_value("raw"), parse_json("raw", "id string, n string"))

    rows = answers(some(GOOD, f" {GOOD} ", *BAD), output.id)

    assert rows == ["é😀", "é😀"] + [None] * len(BAD)


def test_an_escaped_backslash_before_a_u_is_no_surrogate(some):
    texts = (r'{"id":"\\ud800"}', r'{"id":"\\\ud800"}', r'{"id":"\\\ud83d\ude00"}')

    rows = answers(some(*texts), F.when(is_one_value("raw"), parse_json("raw", "id string").id))

    assert rows == [r"\ud800", None, "\\😀"]


def test_a_field_of_another_type_is_its_text_and_of_two_alike_one_is_read(some):
    texts = ('{"id":{"x":1}}', '{"id":[1,"a"]}', '{"id":true}', '{"id":null}', '{"ID":"a"}', '{"id":"a","id":"b"}')

    assert answers(some(*texts), parse_json("raw", "id string").id) == ['{"x":1}', '[1,"a"]', "true", None, None, "b"]


def test_a_decimal_has_ascii_digits_and_maybe_an_exponent_and_is_exact(some):
    rows = answers(some(*NUMBERS, *NO_NUMBERS), parse_as("raw", "decimal(18,4)"))

    assert rows == [Decimal(each).quantize(Decimal("0.0001")) for each in NUMBERS.values()] + [None] * len(NO_NUMBERS)


def test_a_whole_number_may_have_a_fraction_of_zeros(some):
    texts = ("2.0", "-2147483648", "2147483648", "2.5", "1e3", "+1", "", "\x0b1", "1\x1c", "\n1\t")

    assert answers(some(*texts), parse_as("raw", "int")) == [2, -2147483648, None, None, None, 1, None, None, None, 1]


def test_a_time_has_a_day_and_is_utc_to_the_microsecond(some):
    rows = answers(some(*TIMES, *NO_TIMES), F.unix_micros(parse_as("raw", "timestamp")))

    assert rows == [*TIMES.values(), *[None] * len(NO_TIMES)]


def test_a_day_has_no_time_behind_it(some):
    texts = ("2026-03-01", "2026-03-01T09:00:00Z", "2026-02-30", "", " 2026-03-01", "2026-03-01\x1f", "2026-03-01 ")

    rows = answers(some(*texts), parse_as("raw", "date").cast("string"))

    assert rows == ["2026-03-01", *[None] * 5, "2026-03-01"]


def test_a_boolean_and_a_double_have_no_control_characters_and_no_suffix(some):
    texts = ("true", "true\x1f", "true\u00a0", " true ", "1.5", "1.5\x1f", "1d", "2f")

    assert answers(some(*texts), parse_as("raw", "boolean")) == [True, None, None, True, *[None] * 4]
    assert answers(some(*texts), parse_as("raw", "double")) == [*[None] * 4, 1.5, None, None, None]


def test_money_of_a_document_is_read_as_that_of_a_record(some):
    rows = some(*NUMBERS, *NO_NUMBERS)

    assert answers(rows, money.parse("raw")) == answers(rows, parse_as("raw", money.UNIT))


@pytest.mark.parametrize("hour", ["00:30", "01:30", "02:30"])
def test_the_shops_clock_skips_an_hour_in_spring_and_has_one_twice_in_autumn(some, hour):
    rows = some(f"2026-03-29T{hour}:00", f"2026-10-25T{hour}:00")
    at = from_local("raw", "Europe/London")

    spring, autumn = answers(rows, F.date_format(at, "HH:mm"))

    assert (spring, autumn) == {"00:30": ("00:30", "23:30"), "01:30": ("01:30", "00:30"), "02:30": ("01:30", "02:30")}[
        hour
    ]
    assert answers(rows, local_date(at, "Europe/London").cast("string")) == ["2026-03-29", "2026-10-25"]


def test_a_local_time_has_its_own_offset_or_the_zone_of_its_row(some):
    texts = [
        "2026-03-02T18:05:00Z",
        "2026-03-02 18:05:00+01:00",
        "2026-03-02 18:05:00",
        "2026-03-02T18:05",
        "2026-03-02",
    ]
    rows = some(*texts).withColumn(
        "zone", F.element_at(F.array(*map(F.lit, ("x", "y", "Asia/Tokyo", "Tokyo", "UTC"))), F.col("line").cast("int"))
    )

    shop, own = (
        answers(rows, F.date_format(from_local("raw", zone), "HH:mm")) for zone in ("Asia/Tokyo", F.col("zone"))
    )

    assert shop == ["18:05", "17:05", "09:05", "09:05", "15:00"]
    assert own == ["18:05", "17:05", "09:05", None, "00:00"]
    zones = {"x": "+05:30", "Asia/Tokyo": "+01:00", "Tokyo": "-03:30", "UTC": "Europe/Berlin"}
    declared = answers(rows, F.date_format(from_local("raw", F.col("zone"), zones), "HH:mm"))
    assert declared == ["18:05", "17:05", "17:05", "21:35", "23:00"]


def test_csv_cells_are_those_of_rfc_4180_and_ragged_lines_keep_theirs(some):
    texts = ("a,b", 'a,"b, ""c"""', "a", "a,b,c", '"a', '"a\nb",ß', ",")

    assert answers(some(*texts), csv_cells("raw")) == [
        ["a", "b"],
        ["a", 'b, "c"'],
        ["a"],
        ["a", "b", "c"],
        None,
        ["a\nb", "ß"],
        ["", ""],
    ]


def test_a_quoted_cell_may_be_long_and_have_many_doubled_quotes(some):
    long = 'a "b", c\n' * 30_000
    marks = "\u0001 \u00010 \u00011"

    rows = answers(some('"{}",{}'.format(long.replace('"', '""'), marks), f'"{marks}",""""'), csv_cells("raw"))

    assert rows == [[long, marks], [marks, '"']]


def test_a_ragged_csv_file_gives_every_line_with_its_number(session, tmp_path):
    (tmp_path / "a.csv").write_bytes('x,y\r\n1,2\r\n3\r\n"4\n5",6\r\n\xff\r\n'.encode("latin-1"))
    stream = record_reader.stream_to_json(Stream("*.csv", "csv", "orders_raw"))
    file = session.createDataFrame([("shop", str(tmp_path / "a.csv"), "a.csv", stream)], record_reader.FILES)

    rows = file.mapInArrow(record_reader.read_files, record_reader.RECORDS).select("line", "raw", "problem").collect()

    assert [tuple(row) for row in rows] == [
        (2, "1,2", None),
        (3, "3", None),
        (4, '"4\n5",6', None),
        (6, r"\xff", "not_utf8"),
    ]


def test_nulls_come_first_nan_last_and_text_sorts_by_code_point(session):
    schema = "line int, text string, number double"
    rows = session.createDataFrame(
        [(1, "b", 1.0), (2, None, float("nan")), (3, "é", None), (4, "B", -0.0), (5, "😀", 0.0)], schema
    )

    places = [
        F.row_number().over(Window.partitionBy(F.lit(1)).orderBy(name, "line")).alias(name)
        for name in ("text", "number")
    ]

    assert [tuple(row) for row in rows.select("line", *places).orderBy("line").collect()] == [
        (1, 3, 4),
        (2, 1, 5),
        (3, 4, 1),
        (4, 2, 2),
        (5, 5, 3),
    ]


def test_a_null_key_groups_with_nulls_but_joins_with_none(session):
    rows = session.createDataFrame([("a", 1.0), (None, float("nan")), (None, float("nan"))], "key string, n double")

    grouped = {tuple(map(str, row)) for row in rows.groupBy("key", "n").count().collect()}

    assert grouped == {("a", "1.0", "1"), ("None", "nan", "2")}
    assert rows.join(rows.withColumnRenamed("n", "m"), on="key", how="inner").count() == 1


def test_decimals_keep_their_digits_and_round_half_up(some):
    price = F.col("raw").cast("decimal(18,4)")
    rows = some("2.5550", "-2.5550", "0.0049")

    assert answers(rows, price.cast("decimal(18,2)")) == [Decimal("2.56"), Decimal("-2.56"), Decimal("0.00")]
    assert answers(rows, (price * F.lit(3)).cast("decimal(18,4)"))[0] == Decimal("7.6650")


def test_one_hash_of_a_text_on_every_engine(some):
    assert answers(some("é😀", "", None), F.xxhash64("raw")) == [-597902685397653203, -7444071767201028348, 42]


@table(
    "gold", key=["id"], write=Replace(), columns=[col("id", "int", "Which"), col("exact", "decimal(38,18)", "A share")]
)
def shares(some):
    """One row per share."""
    return some


@pytest.mark.parametrize("text", ["0.123456789012345678", "12345678901234567890.123456789012345678"])
def test_a_decimal_of_more_digits_than_a_float_has_is_read_and_found_as_it_was_written(engine, session, text):
    share = Decimal(text)
    engine.create_if_missing(shares)

    engine.write(shares, session.createDataFrame([(0, share)], shares.ddl))

    read = engine.read(shares)
    assert read.where("id = 0").collect() == read.where(F.col("exact") == F.lit(share)).collect() == [(0, share)]
