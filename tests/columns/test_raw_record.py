import csv
import io
from functools import partial

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from shoplake.columns.raw_record import (
    csv_cells,
    csv_record,
    filter_parsed,
    json_record,
    parse_as,
    parsed,
    payload_hash,
    type_errors,
    with_parsed,
)
from shoplake.tables.bronze.events_raw import events_raw


@pytest.fixture
def cells(spark):
    """The cells of lines of CSV."""

    def split(*lines):
        rows = spark.createDataFrame(list(enumerate(lines)), "at int, line string")
        return [row.cells for row in rows.select("at", csv_cells("line").alias("cells")).orderBy("at").collect()]

    return split


@pytest.fixture
def records(some):
    """The fields of raw records."""

    def read(reader, fields, *texts, **same):
        raw = some(events_raw, *[{"raw": text, "line": line} | same for line, text in enumerate(texts, 1)])
        return reader(raw, fields).orderBy("_source.line").collect()

    return read


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a,b", ["a", "b"]),
        (",b,", ["", "b", ""]),
        ("", [""]),
        ('"a,b",c', ["a,b", "c"]),
        ('"say ""hi""",c', ['say "hi"', "c"]),
        ('"","""",c', ["", '"', "c"]),
        ('"two\nlines",c', ["two\nlines", "c"]),
        ('é,"日本, 語"', ["é", "日本, 語"]),
        ('5" nail,c', ['5" nail', "c"]),
    ],
)
def test_a_line_of_csv_is_split_as_rfc_4180_says(cells, line, expected):
    assert cells(line) == [expected]


TEXT = st.text(alphabet='ab,"\n é', max_size=6)


@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(TEXT, min_size=2, max_size=4), min_size=1, max_size=20))
def test_whatever_pythons_csv_writes_is_read_again(cells, rows):
    lines = []
    for row in rows:
        written = io.StringIO()
        csv.writer(written, quoting=csv.QUOTE_MINIMAL, lineterminator="").writerow(row)
        lines.append(written.getvalue())

    assert cells(*lines) == rows


@pytest.mark.parametrize("line", ['"Lon"don,x', '"London,x', 'x,"London', 'x,"', '"', '"a""'])
def test_quotes_that_do_not_pair_create_no_cells(cells, line):
    assert cells(line) == [None]


def test_a_field_is_found_by_the_header_of_its_file(records):
    [one] = records(csv_record, ["id", "name"], "Ann,7", header="name,id")
    [other] = records(csv_record, ["id", "name"], "7,x,Ann", header='id,"a, b",name')

    assert (one.id, one.name) == (other.id, other.name) == ("7", "Ann")


def test_the_name_of_a_field_may_have_quotes_and_backslashes(records):
    [row] = records(csv_record, ["buyer's id", "net\\gross"], "7,8", header="buyer's id,net\\gross")

    assert (row["buyer's id"], row["net\\gross"]) == ("7", "8")


def test_a_column_that_the_file_lacks_and_an_empty_cell_are_null(records):
    [row] = records(csv_record, ["id", "name", "age"], "7,  ", header="id,name")

    assert (row.id, row.name, row.age, row._source.problem) == ("7", None, None, None)


def test_a_cell_of_a_comma_is_not_empty(records):
    [row] = records(csv_record, ["id"], '",",', header="id,name")

    assert (row.id, row._source.problem) == (",", None)


@pytest.mark.parametrize("line", ["7", "7,Ann,x", "7,Ann,", 'a,"b', '7,"An"n', '",'])
def test_a_line_that_has_not_as_many_cells_as_the_header_does_not_fit_it(records, line):
    [row] = records(csv_record, ["id"], line, header="id,name")

    assert row._source.problem == "fields_fit_header"


@pytest.mark.parametrize("line", [",", ' ,""', ",,", ",,,,", '"","",""'])
def test_a_line_of_empty_cells_is_a_blank_row(records, line):
    [row] = records(csv_record, ["id"], line, header="id,name,age")

    assert row._source.problem == "blank_row"


def test_a_problem_of_the_reader_comes_before_one_of_the_parser(records):
    [line] = records(csv_record, ["id"], "7,8", header="id", problem="nul_byte")
    [text] = records(json_record, "id string", "{", problem="nul_byte")

    assert (line._source.problem, text._source.problem) == ("nul_byte", "nul_byte")


def test_fields_of_an_object_are_text_and_nested_ones_keep_their_shape(records):
    fields = "id string, lines array<struct<sku string, n string>>, price string"

    [row] = records(json_record, fields, '{"id": 7, "lines": [{"sku": "a", "n": 2}, {"sku": "b"}], "price": 1.5}')

    assert (row.id, row.price) == ("7", "1.5")
    assert [(line.sku, line.n) for line in row.lines] == [("a", "2"), ("b", None)]


def test_an_object_without_known_fields_is_valid(records):
    rows = records(json_record, "id string", "{}", '{"other": 1}', '{"id": null}', "[]", "7", '{"id": 1')

    assert [row._source.problem for row in rows] == [None] * 3 + ["is_json_object"] * 3


def test_a_strict_reader_reports_unknown_fields(records):
    strict_json, strict_csv = partial(json_record, strict=True), partial(csv_record, strict=True)

    inputs = records(strict_json, "id string", '{"id": 1}', '{"id": 1, "x": 2}', "{")
    [line] = records(strict_csv, ["id"], "7,8", header="id,x")

    assert [row._source.problem for row in inputs] == [None, "unknown_fields", "is_json_object"]
    assert line._source.problem == "unknown_fields"


def test_the_origin_of_a_record_stays_with_it(records):
    origin = {"file": "one.json", "batch_id": "b1", "line": 7}

    [row] = records(json_record, "id string", "{}", **origin)

    assert {name: row._source[name] for name in origin} == origin
    assert row._source.raw == "{}"


def test_a_text_that_does_not_fit_its_type_is_a_type_error_and_a_missing_one_is_not(spark):
    rows = spark.createDataFrame(
        [(1, "7", "1.5"), (2, "x", "y"), (3, None, None), (4, "", "1,5")], "at int, n string, d string"
    )

    inputs = (
        rows.orderBy("at").select(parse_as("n", "int").alias("n"), type_errors(n="int", d="decimal(18,4)")).collect()
    )

    assert [row.n for row in inputs] == [7, None, None, None]
    assert [row._type_errors for row in inputs] == [
        [],
        ["n_fits_type", "d_fits_type"],
        [],
        ["n_fits_type", "d_fits_type"],
    ]


def test_texts_that_are_parsed_once_have_the_same_values_and_errors(spark):
    rows = spark.createDataFrame([(1, "7", "x"), (2, "x", "1.5"), (3, None, "")], "at int, n string, d string")
    types = {"n": "int", "d": "decimal(18,4)"}

    once = with_parsed(rows, **types).select("at", *[parsed(name).alias(name) for name in types], type_errors(*types))
    each = rows.select("at", *[parse_as(name, type).alias(name) for name, type in types.items()], type_errors(**types))

    assert once.orderBy("at").collect() == each.orderBy("at").collect()


@pytest.mark.parametrize(
    ("text", "type", "fits"),
    [
        ("0000-01-01", "date", False),
        ("0001-01-01", "date", True),
        ("9999-12-31", "date", True),
        ("10000-01-01", "date", False),
        ("0000-12-31T23:59:59Z", "timestamp", False),
        ("0001-01-01T00:00:00+05:00", "timestamp", False),
        ("0001-01-01T00:00:00Z", "timestamp", True),
        ("9999-12-31T23:59:59-05:00", "timestamp", False),
    ],
)
def test_a_date_or_time_is_of_the_years_1_to_9999(spark, text, type, fits):
    [row] = spark.createDataFrame([(text,)], "at string").select(parse_as("at", type).isNotNull()).collect()
    assert row[0] == fits


def test_money_of_a_record_is_below_ten_billion_whatever_its_exponent(spark):
    texts = ["9999999999.99", "-9999999999.99", "10000000000", "99999999999999.99", "1e10", "1e9", "-1e13"]
    rows = spark.createDataFrame(list(enumerate(texts)), "at int, m string").orderBy("at")

    found = rows.select(parse_as("m", "decimal(18,4)").alias("unit"), parse_as("m", "decimal(18,2)").alias("sum"))

    known = ["9999999999.99", "-9999999999.99", None, None, None, "1000000000.00", None]
    assert [row["sum"] and str(row["sum"]) for row in found.collect()] == known
    assert [row.unit and str(row.unit) for row in found.collect()] == [each and each + "00" for each in known]


def test_a_whole_number_may_have_a_fraction_of_zeros_and_no_other(spark):
    integers = {"2": 2, "2.0": 2, "-3.000": -3, "2.5": None, "2.0000001": None, "99999999999.0": None, "1e400": None}
    rows = spark.createDataFrame([(text,) for text in integers], "n string")

    found = rows.select("n", parse_as("n", "int").alias("fit")).collect()
    assert {row.n: row.fit for row in found} == integers


def test_equal_records_have_equal_hashes_and_others_do_not(spark):
    rows = spark.createDataFrame([("a",), ("a",), ("b",)], "raw string")

    hashed = rows.select(F.struct("raw").alias("_source")).select(payload_hash())

    inputs = [row.payload_hash for row in hashed.collect()]
    assert inputs[0] == inputs[1] != inputs[2]


def test_a_csv_record_with_a_problem_has_no_fields(records):
    rows = records(csv_record, ["a", "b"], "1,2", "1,2,3", header="a,b")

    assert [(row.a, row.b) for row in rows] == [("1", "2"), (None, None)]


def test_rows_are_filtered_by_a_condition_on_their_fields(records):
    read = partial(filter_parsed, condition=(F.col("a") == "1"))

    rows = records(lambda raw, names: read(csv_record(raw, names)), ["a"], "1", "2", '"1"', "1,1", header="a")

    assert [row._source.line for row in rows] == [1, 3]
