import zipfile

import pytest

from shoplake.declare import Stream
from shoplake.engine import read_file, sketch_streams


def sketch_stream(path, name):
    return next(iter(sketch_streams([(path, name)])), None)


ORDERS = "Réf;Date;Total\nR1;03/04/2026;1 234,50 €\nR2;04/04/2026;61,80 €\n"
REPORT = ',,\n"Report of\nthe seller",,\nid,day,total\n1,"Sep 4, 2026",5\n2,"Sep 5, 2026",6\n"2 records"\n'


def test_a_stream_has_the_delimiter_the_encoding_and_the_names_of_the_header(file):
    path = str(file(ORDERS.encode("cp1252"), "f"))

    assert sketch_stream(path, "till/orders_2026-04-05.csv") == (
        'Stream("till/orders_*.csv", "csv", into="orders_raw", delimiter=";", encoding="cp1252", decimal=",", '
        'numbers=("Total",), currency_symbol="€", fields=("Réf", "Date", "Total"))  # "Date" is %d/%m/%Y or %m/%d/%Y; '
        'cp1252 reads "Réf": if that is wrong, name another encoding'
    )


def test_what_a_database_writes_for_no_value_is_proposed(file):
    path = str(file("id,customer,note\n1,NULL,a\n2,\\N,NULL and void\n", "f"))

    assert 'nulls=("NULL", "\\\\N"), fields=("id", "customer", "note")' in sketch_stream(path, "dump.csv")


def test_lines_above_the_header_are_counted(file):
    code = sketch_stream(str(file(REPORT, "f")), "report.csv")

    options = 'skip=3, dates={"day": "%b %d, %Y"}, fields=("id", "day", "total")'
    assert code == f'Stream("report.csv", "csv", into="orders_raw", {options})'


@pytest.mark.parametrize("content", [REPORT, ORDERS.encode("cp1252"), ORDERS.replace(";", "\t").encode("utf-16")])
def test_such_a_stream_reads_its_file(file, content):
    path = str(file(content, "f.csv"))

    stream = eval(sketch_stream(path, "f.csv"), {"Stream": Stream})
    rows = [problem for part in read_file(path, stream) for problem in part.problems.to_pylist()]

    assert stream.matches("f.csv")
    assert (len(rows) >= 2, set(rows)) == (True, {None})


@pytest.mark.parametrize("name", ["report [2026].csv", "[a]/orders (1).csv", "2026-03/b.csv.gz"])
def test_the_pattern_matches_the_file_whatever_its_name_has(file, name):
    stream = eval(sketch_stream(str(file("id,name\n1,a\n", "f.csv")), name), {"Stream": Stream})

    assert stream.matches(name)


def test_a_packed_file_is_looked_into(tmp_path):
    with zipfile.ZipFile(tmp_path / "export_7.zip", "w") as archive:
        archive.writestr("members.csv", "mail,name\na@x.example,Ada\n")

    code = sketch_stream(str(tmp_path / "export_7.zip"), "export_7.zip")

    assert code == 'Stream("export_*.zip", "csv", into="customers_raw", fields=("mail", "name"))'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "<html><body>a,b</body></html>\n"),
        ("a.csv", '{"a": 1, "b": 2}\n'),
        ("a.csv", "1,2\n3,4\n"),
        ("a.csv", "one line of text\n"),
        ("a.csv", ""),
        ("a.csv", b"PK\x03\x04\x00\x00,a,b\n"),
        ("a.zip", "no archive"),
        ("a.py", "a,b\n1,2\n"),
    ],
)
def test_what_is_no_table_with_names_has_no_stream(file, name, content):
    assert sketch_stream(str(file(content, name)), name) is None


def test_files_of_one_layout_have_one_stream(tmp_path):
    days = {"a-1.csv": "03/04/2026", "a-2.csv": "13/04/2026", "b.csv": "03/04/2026"}
    for name, day in days.items():
        (tmp_path / name).write_text(f"day,total\n{day},5\n")

    codes = sketch_streams((str(tmp_path / name), name) for name in days)

    assert [(code[:14], "%d/%m/%Y or" in code) for code in codes] == [
        ('Stream("a-*.cs', False),
        ('Stream("b.csv"', True),
    ]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.ndjson", "a.JSON"])
def test_json_is_looked_for_records(file, name):
    assert sketch_stream(str(file('{"id": 1}\n', name)), name).startswith(f'Stream("{name}", "json"')


def test_json_in_an_archive_is_looked_for_records(tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("a.json", '[{"id": 1}]')

    assert 'path="$[*]"' in sketch_stream(str(tmp_path / "export.zip"), "export.zip")
