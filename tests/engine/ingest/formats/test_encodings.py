"""What a file says of its encoding counts before what its stream declares."""

import pytest
from sample_files import lines, problems

FIELDS = {"fields": ("id", "name"), "quote": '"'}
TEXT = "id,name\n1,Müller\n"


@pytest.mark.parametrize("declared", ["utf-8", "cp1252", "latin-1", "utf-16", "shift_jis"])
@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_counts_before_the_declared_encoding(file, declared, mark):
    path = file(TEXT.encode(mark), "f.csv")

    assert lines(path, "csv", encoding=declared, **FIELDS) == [(2, "1,Müller")]
    assert problems(path, "csv", encoding=declared, **FIELDS) == {}


@pytest.mark.parametrize("text", [TEXT, "id,name\n1,Mug ☕🎁\n", "id,name\n1,ascii\n2,€ 5\n"])
@pytest.mark.parametrize("declared", ["cp1252", "latin-1", "cp850"])
def test_utf8_in_a_stream_of_another_encoding_is_one_problem_of_the_file(file, declared, text):
    path = file(text, "f.csv")
    has_letters = declared == "cp1252" or "ü" in text or "🎁" in text

    found = set(problems(path, "csv", encoding=declared, **FIELDS).values())

    assert found == ({"encoding_differs"} if has_letters else set())


@pytest.mark.parametrize("options", [{}, {"path": "$[*]"}, {"pages": ("$[*]",)}])
def test_json_in_utf8_in_a_stream_of_another_encoding_is_a_problem(file, options):
    path = file('[{"name": "Müller"}]\n', "f.json")

    assert set(problems(path, "json", encoding="cp1252", **options).values()) == {"encoding_differs"}


@pytest.mark.parametrize("name", ["CAFÉ®", "Müller", "NESTLÉ™", "Ü»", "à\u00a0«"])
def test_a_text_of_the_declared_encoding_is_read_though_its_bytes_could_be_utf8(file, name):
    path = file(f"id,name\n1,{name}\n".encode("cp1252"), "f.csv")

    assert lines(path, "csv", encoding="cp1252", **FIELDS) == [(2, f"1,{name}")]
    assert problems(path, "csv", encoding="cp1252", **FIELDS) == {}


@pytest.mark.parametrize("declared", ["utf-8", "utf-8-sig", "ascii"])
def test_utf8_is_no_problem_of_a_stream_that_has_it(file, declared):
    path = file(TEXT, "f.csv")

    found = set(problems(path, "csv", encoding=declared, **FIELDS).values())

    assert found == ({"not_utf8"} if declared == "ascii" else set())


def test_utf8_that_begins_in_a_later_block_is_a_problem_from_there_on(file):
    path = file("id,name\n" + "1,ascii\n" * 10 + "2,Müller\n3,x\n", "f.csv")

    found = problems(path, "csv", encoding="cp1252", block_bytes=16, **FIELDS)

    assert 12 in found
    assert set(found.values()) == {"encoding_differs"}
