import csv
import gzip
import zipfile

import pyarrow as pa
import pytest
from sample_files import lines, problems, read

from shoplake.declare import Stream
from shoplake.engine.ingest.record_reader import read_files, stream_to_json


def test_each_record_of_a_csv_file_has_that_files_header(tmp_path, file):
    files = [file("a,b\r\n1,2\r\n3,4\r\n", "one.csv"), file("c\n5\n", "two.csv")]

    found = [(row["file"], row["header"], row["raw"], row["line"]) for path in files for row in read(path, "csv")]

    assert found == [("one.csv", "a,b", "1,2", 2), ("one.csv", "a,b", "3,4", 3), ("two.csv", "c", "5", 2)]


# Dialects

FIELDS = {"fields": ("receipt", "sold_at", "price")}


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_records_of_any_delimiter_become_csv_with_commas(file, delimiter):
    path = file(f'receipt{delimiter}price\n1{delimiter}"a {delimiter} b"\n2{delimiter}c,d\n')

    (first, second) = read(path, "csv", delimiter=delimiter)

    assert (first["header"], first["raw"]) == ("receipt,price", f"1,a {delimiter} b")
    assert second["raw"] == '2,"c,d"'


def test_another_quote_may_span_lines(file):
    assert lines(file("a,b\n1,'x\ny'\n2,\"z\n"), "csv", quote="'") == [(2, '1,"x\ny"'), (4, '2,"""z"')]


def test_an_escape_stands_before_what_is_text(file):
    text = '1,"Tea \\"green\\", 5\\\\kg",2\n2,"C:\\\\tea\\nx",\\N\n3,"a\\\nb",""\n4,"say ""\\N""",\\,\n'
    path = file(text)

    rows = read(path, "csv", header=False, fields=("id", "name", "pieces"), escape="\\", nulls=("\\N",))

    assert [(row["line"], next(csv.reader([row["raw"]]))) for row in rows if "\n" not in row["raw"]] == [
        (1, ["1", 'Tea "green", 5\\kg', "2"]),
        (5, ["4", 'say "N"', ","]),
    ]
    assert [(row["line"], row["raw"]) for row in rows if "\n" in row["raw"]] == [
        (2, '2,"C:\\tea\nx",'),
        (3, '3,"a\nb",'),
    ]
    assert problems(path, "csv", header=False, fields=("id", "name", "pieces"), escape="\\") == {}


def test_without_a_quote_an_escape_stands_before_delimiters_and_line_ends(file):
    path = file('id\tname\n1\tBo\\\tLee\n2\tfirst\\\nsecond\n3\t\\N\n4\t5" \\0\\\\\n')

    assert lines(path, "csv", delimiter="\t", quote="", escape="\\", nulls=("\\N",)) == [
        (2, "1,Bo\tLee"),
        (3, '2,"first\nsecond"'),
        (5, "3,"),
        (6, '4,"5"" \\0\\"'),
    ]


@pytest.mark.parametrize("block_bytes", [4, 16, 1 << 20])
def test_an_escaped_quote_that_nothing_closes_spoils_its_own_line_alone(file, block_bytes):
    path = file('a,b\n1,"x\\"\n2,y\n3,"z\\"\n4,\\"w\n')
    options = {"escape": "\\", "block_bytes": block_bytes}

    assert problems(path, "csv", **options) == {2: "quotes_pair", 4: "quotes_pair"}
    assert [line for line in lines(path, "csv", **options) if line[0] in (3, 5)] == [(3, "2,y"), (5, '4,"""w"')]


def test_without_a_quote_quotes_are_text(file):
    assert lines(file('a,b\n1,19" rack\n'), "csv", quote="") == [(2, '1,"19"" rack"')]


def test_a_record_whose_quotes_do_not_pair_stays_as_it_is(file):
    path = file('a;b\n1;"x"y\n2;z\n')

    assert lines(path, "csv", delimiter=";") == [(2, '1;"x"y'), (3, "2,z")]
    assert problems(path, "csv", delimiter=";") == {2: "quotes_pair"}


def test_numbers_are_rewritten_with_a_point(file):
    path = file('receipt;price\n1;1.234,50\n2;"-0,5"\n3;\n4;12\n5;1.234\n')

    rows = read(path, "csv", fields=("receipt", "price"), delimiter=";", decimal=",", numbers=("price",))

    assert [row["raw"] for row in rows] == ["1,1234.50", "2,-0.5", "3,", "4,12", "5,1234"]


@pytest.mark.parametrize("cell", ["12.5", "1.23,4", "12,5 €", "1,234.50", "n/a", "1,2,3", "1.2345"])
def test_a_number_of_another_spelling_is_a_problem_and_its_cell_stays_as_sent(file, cell):
    path = file(f"receipt;price\n1;{cell}\n")

    (row,) = read(path, "csv", fields=("receipt", "price"), delimiter=";", decimal=",", numbers=("price",))

    assert (row["problem"], next(csv.reader([row["raw"]]))) == ("price_fits_type", ["1", cell])


def test_the_other_cells_of_a_record_with_a_problem_are_rewritten(file):
    path = file('receipt;sold_at;price;note\n1;31.02.2026;12,9O;"a;b"\n2;01.03.2026;12,9O;c\n3;32.02.2026;1.012,90;d\n')
    options = {"delimiter": ";", "decimal": ",", "numbers": ("price",), "dates": {"sold_at": "%d.%m.%Y"}}

    rows = read(path, "csv", fields=("receipt", "sold_at", "price", "note"), **options)

    assert [(row["problem"], row["raw"]) for row in rows] == [
        ("sold_at_fits_type", '1,31.02.2026,"12,9O",a;b'),
        ("price_fits_type", '2,2026-03-01,"12,9O",c'),
        ("sold_at_fits_type", "3,32.02.2026,1012.90,d"),
    ]


def test_a_number_with_another_currency_symbol_is_a_problem(file):
    path = file("receipt,price\n1,£1.50\n2,US $1.50\n3,-£2\n")
    options = {"fields": ("receipt", "price"), "numbers": ("price",), "currency_symbol": "£"}

    assert [raw for _, raw in lines(path, "csv", **options)] == ["1,1.50", "2,US $1.50", "3,-2"]
    assert problems(path, "csv", **options) == {3: "price_fits_type"}


def test_dates_are_rewritten_and_others_are_a_problem(file):
    path = file("receipt,sold_at\n1,01/03/2026\n2,2026-03-01\n")
    options = {"fields": ("receipt", "sold_at"), "dates": {"sold_at": "%d/%m/%Y"}}

    assert [raw for _, raw in lines(path, "csv", **options)] == ["1,2026-03-01", "2,2026-03-01"]
    assert problems(path, "csv", **options) == {3: "sold_at_fits_type"}


# Headers


def test_without_a_header_the_fields_are_the_columns(file):
    rows = read(file("1,2026-03-01,9\n2,2026-03-02,8\n"), "csv", header=False, **FIELDS)

    assert [(row["line"], row["header"], row["raw"]) for row in rows] == [
        (1, "receipt,sold_at,price", "1,2026-03-01,9"),
        (2, "receipt,sold_at,price", "2,2026-03-02,8"),
    ]


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("above", [",,\n\n", '"Report of\nMarch"\n', "receipt,sold_at,price\n,,\n"])
def test_lines_above_the_header_are_no_records(file, above, header):
    path = file(above + "receipt,sold_at,price\n" * header + "1,2026-03-01,9\n")

    rows = read(path, "csv", skip=2, header=header, **FIELDS)

    assert [(row["line"], row["header"], row["raw"]) for row in rows] == [
        (4 if header else 3, "receipt,sold_at,price", "1,2026-03-01,9")
    ]


def test_lines_above_the_header_are_those_of_each_text_of_an_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.csv.zip", "w") as archive:
        for name in ("1.csv", "2.csv"):
            archive.writestr(name, f"Report\nreceipt,price\n{name[0]},9\n")

    rows = read(tmp_path / "a.csv.zip", "csv", skip=1, **FIELDS)

    assert [(row["line"], row["raw"], row["problem"]) for row in rows] == [(3, "1,9", None), (6, "2,9", None)]


@pytest.mark.parametrize("header", ["Receipt, PRICE ,note", '"receipt "," price",note'])
def test_case_and_spaces_around_do_not_matter_in_a_header(file, header):
    (row,) = read(file(f"{header}\n1,9,x\n"), "csv", **FIELDS)

    assert row["header"] == "receipt,price,note"


def test_a_header_that_has_the_exact_name_keeps_another_of_other_case(file):
    (row,) = read(file("Receipt,receipt\n1,2\n"), "csv", **FIELDS)

    assert row["header"] == "Receipt,receipt"


def test_a_file_without_the_expected_header_loses_no_record(file):
    rows = read(file("1,2026-03-01,9\n2,2026-03-02,8\n"), "csv", **FIELDS)

    assert [(row["line"], row["header"], row["problem"]) for row in rows] == [
        (1, None, "header_missing"),
        (2, None, "header_missing"),
    ]


def test_another_delimiter_than_the_expected_is_the_one_problem_of_its_records(file):
    path = file("receipt;sold_at;price\n1;2026-03-01;9\n")

    assert problems(path, "csv", **FIELDS) == {2: "delimiter_differs"}


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_texts_that_stand_for_no_value_are_empty_cells(file, delimiter):
    path = file("receipt,sold_at,price\nNULL,\\N,NULL\nNULLS, NULL ,-\n".replace(",", delimiter))

    rows = lines(path, "csv", delimiter=delimiter, numbers=("price",), nulls=("NULL", "\\N", "-"), **FIELDS)

    assert [text for _, text in rows] == [",,", "NULLS,,"]


PLAIN = b"receipt,price\n1,2\n"


@pytest.mark.parametrize(
    "content", [PLAIN.decode().encode("utf-16-le"), gzip.compress(PLAIN, mtime=0), b"PK\3\4" + PLAIN]
)
def test_a_file_in_another_encoding_has_one_problem(file, content):
    assert set(problems(file(content, "f.csv"), "csv", **FIELDS).values()) == {"encoding_differs"}


def test_a_record_in_another_encoding_is_no_problem_of_the_file(file):
    assert problems(file(PLAIN + "ä,1\n".encode("cp1252"), "f.csv"), "csv", **FIELDS) == {3: "not_utf8"}


def test_a_first_line_that_is_too_long_is_no_header(file):
    path = file("price," + "x" * (1 << 20) + "\n1,2\n", "f.csv")

    assert problems(path, "csv", fields=("price",)) == {1: "line_too_long", 2: "header_missing"}


def test_records_of_a_wide_file_come_in_parts_that_fit_into_memory(file):
    path = file("price," + "x" * 1_000_000 + "\n" + "1,2\n" * 200, "f.csv")
    stream = stream_to_json(Stream("*", "csv", "marks_raw", ("price",)))
    listed = pa.RecordBatch.from_pylist([{"feed": "shop", "path": str(path), "file": "f", "stream": stream}])

    assert [part.num_rows for part in read_files([listed])] == [67, 67, 66]


def test_a_file_of_a_header_alone_has_no_records(file):
    assert read(file("receipt;price\n"), "csv", delimiter=";", **FIELDS) == []


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_header_again_is_no_record(file, mark):
    members = [gzip.compress(text.encode()) for text in ("a,b\r\n1,2\r\n", f"{mark}a,b\r\n3,4\r\n")]

    assert lines(file(b"".join(members), "f.csv.gz"), "csv", block_bytes=9) == [(2, "1,2"), (4, "3,4")]


def test_without_a_header_a_line_may_be_repeated(file):
    assert lines(file("1,2\n1,2\n"), "csv", header=False, fields=("a", "b")) == [(1, "1,2"), (2, "1,2")]
