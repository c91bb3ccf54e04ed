import gzip
import io
import zipfile

import pyarrow as pa
import pytest
from sample_files import lines, problems


@pytest.mark.parametrize("name", ["f.json.gz", "f.json.zst"])
def test_compressed_files_are_read_by_their_names(file, name):
    packed = gzip.compress(b"{}\n[]\n") if name.endswith("gz") else pa.compress(b"{}\n[]\n", "zstd", asbytes=True)

    assert lines(file(packed, name)) == [(1, "{}"), (2, "[]")]


def packed(**members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return content.getvalue()


def test_the_texts_of_an_archive_are_read_by_name_and_their_lines_count_on(file):
    content = packed(**{"b.json": "{}\n", "a.json": "[]\n[1]\n", "__MACOSX/a.json": "x", ".hidden": "x"})

    assert lines(file(content, "f.json.zip")) == [(1, "[]"), (2, "[1]"), (3, "{}")]


def test_each_text_of_an_archive_has_its_own_header(file):
    content = packed(**{"one.csv": "a\n1\n", "two.csv": "b\n2\n"})

    assert lines(file(content, "f.csv.zip"), "csv") == [(2, "1"), (4, "2")]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "shift_jis"])
def test_a_text_of_another_encoding_becomes_utf8(file, encoding):
    text = '{"a": "ソ"}\n{}\n' if encoding == "shift_jis" else '{"a": "é"}\n{}\n'

    records = lines(file(text.encode(encoding)), encoding=encoding, block_bytes=7)

    assert records == list(enumerate(text.splitlines(), 1))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_text_without_a_byte_order_mark_is_little_endian(file, encoding):
    assert lines(
        file("é\nb\n".encode(f"{encoding}-le"), "f.csv"), "csv", encoding=encoding, header=False, fields=("a",)
    ) == [
        (1, "é"),
        (2, "b"),
    ]


def test_bytes_that_the_encoding_does_not_have_are_a_problem_of_their_line(file):
    path = file(b'{"a": "\x81"}\n{"a": "\xe9"}\n')

    assert problems(path, encoding="cp1252") == {1: "not_utf8"}
    assert lines(path, encoding="cp1252")[1] == (2, '{"a": "é"}')


def test_an_empty_file_is_no_archive(file):
    with pytest.raises(zipfile.BadZipFile, match="The file is empty"):
        lines(file(b"", "f.json.zip"))
