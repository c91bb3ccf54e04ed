import zipfile

import pytest
from sample_files import change_part, write_workbook

from shoplake.engine.ingest.formats.excel.excel_reader import check_workbook
from shoplake.engine.ingest.formats.excel.excel_size import check_size

SHEET = "xl/worksheets/s1.xml"


@pytest.fixture
def workbook(tmp_path):
    """A workbook with some more XML behind its first row."""

    def write(more):
        path = write_workbook(tmp_path / "f.xlsx", orders=[["id", "n"], [1, 2]])
        change_part(path, SHEET, lambda part: part.replace(b"</row>", b"</row>" + more, 1))
        return path

    return write


@pytest.mark.parametrize(
    "more",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="3"><c r="XFD3"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>',
        b"<row><c r='ZZZZZZZZ99999999999'><v>1</v></c></row>",
        b'<row r="3"><c r="A4294967295"><v>1</v></c></row>',
        b'<row r="3"><c r="XFD3"><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>',
        b"<!--" + b" " * 1_100_000 + b'--><x:row><x:c r = "xfd1048576" s="1" ><x:v>1</x:v></x:c></x:row>',
    ],
)
def test_a_workbook_with_a_far_cell_is_damaged_and_ends_no_process(workbook, more):
    with pytest.raises(ValueError, match="too large for memory"):
        check_workbook(str(workbook(more)))


@pytest.mark.parametrize(
    "more",
    [
        b'<row r="1048576"><c r="XFD1048576" s="1"/></row>',
        b'<row r="1048576"><c r="XFD1048576" s="1"></c></row>',
        b'<row r="3"><c r="XFD3"><v>1</v></c></row>',
    ],
)
def test_a_far_cell_without_a_value_or_in_a_near_row_is_read(workbook, more):
    check_workbook(str(workbook(more)))


def test_a_workbook_that_is_too_large_when_unpacked_is_damaged(workbook):
    path = workbook(b"<!--" + b" " * 100_000 + b"-->")

    assert path.stat().st_size < 10_000
    with path.open("rb") as source, pytest.raises(ValueError, match="bytes when unpacked, more than 50,000"):
        check_size(source, most_bytes=50_000)


def test_a_file_that_is_no_archive_is_left_to_its_reader(file):
    with file(b"id;n", "f.xlsx").open("rb") as source:
        check_size(source)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"id\ttotal\n1\t5\n", 'text under the name of a workbook; declare its stream as "csv"'),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504), "old .xls format, or one with a password"),
    ],
)
def test_a_file_whose_size_cannot_be_told_is_no_workbook(file, content, message):
    with pytest.raises(ValueError, match=message):
        check_workbook(str(file(content, "f.xlsx")))


@pytest.mark.parametrize("part", ["xl/workbook.bin", "content.xml"])
def test_a_workbook_of_another_format_is_refused(tmp_path, part):
    path = tmp_path / "f.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "")

    with path.open("rb") as source, pytest.raises(ValueError, match=r"save it as \.xlsx"):
        check_size(source)


def test_a_far_cell_is_found_in_a_part_of_any_name(workbook, tmp_path):
    path = workbook(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(tmp_path / "other.xlsx", "w") as other:
        for name in archive.namelist():
            other.writestr(name.replace(SHEET, "xl/worksheets/s1.dat"), archive.read(name))

    with (tmp_path / "other.xlsx").open("rb") as source, pytest.raises(ValueError, match="too large for memory"):
        check_size(source)
