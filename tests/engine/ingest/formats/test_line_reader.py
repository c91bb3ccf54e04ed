import re
import time

import pyarrow as pa
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_files import lines, problems, read

from shoplake.engine.ingest.formats.line_reader import LONGEST_LINE, SHORT_LINE, WIDEST_RECORD, line_problems

CELLS = st.text(st.sampled_from(' a,"é€\\\x0b\u2028\r\n'), max_size=8)
PLAIN = st.text(st.sampled_from('a{":} é€\x0b\u2028\\'), max_size=30)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@settings(max_examples=examples(150))
@given(endings=st.lists(st.tuples(PLAIN, ENDS), max_size=12), block=st.integers(16, 80), is_ended=st.booleans())
def test_blocks_of_any_size_give_the_lines_that_are_there(folder, endings, block, is_ended):
    text = "".join(line + end for line, end in endings)
    text = text if is_ended or not endings else text.removesuffix(endings[-1][1])
    (folder / "f").write_bytes(b"\xef\xbb\xbf" + text.encode())
    expected = list(enumerate(re.split("\r\n|\n|\r", text), 1))

    found = lines(folder / "f", block_bytes=block)

    assert found == [(number, line) for number, line in expected if line.strip() or len(line.encode()) >= SHORT_LINE]


@settings(max_examples=examples(150))
@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=8), block=st.integers(32, 200))
def test_blocks_of_any_size_give_the_same_quoted_records_at_the_same_lines(folder, rows, block):
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    (folder / "q").write_text("a,b\n" + "\n".join(quoted) + "\n", newline="")
    whole = read(folder / "q", "csv")

    assert read(folder / "q", "csv", block) == whole

    assert [row["raw"] for row in whole] == [re.sub("\r\n|\r", "\n", text) for text in quoted]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_line_counts_once_and_blank_lines_are_left_out(file, end):
    assert lines(file(end.join(["{}", "", " \t", '{"a": 1}']))) == [(1, "{}"), (4, '{"a": 1}')]


def test_a_byte_order_mark_is_no_part_of_the_first_record(file):
    assert lines(file(b"\xef\xbb\xbf{}\n[]")) == [(1, "{}"), (2, "[]")]


@pytest.mark.parametrize("end", ["", "\n"])
def test_the_same_bytes_later_in_a_file_are_kept_as_they_arrived(file, end):
    assert lines(file("{}\n\ufeff[]" + end)) == [(1, "{}"), (2, "\ufeff[]")]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b" \r\n\r\n"])
@pytest.mark.parametrize("format", ["json", "csv"])
def test_a_file_without_records_has_none(file, content, format):
    assert lines(file(content), format) == []


def test_a_line_that_is_no_utf8_keeps_its_bytes_escaped_and_the_others_are_fine(file):
    path = file(b'{"a": 1}\n{"a": "\xff"}\n{"a": "\xc3\xa9"}\n')

    assert lines(path) == [(1, '{"a": 1}'), (2, '{"a": "\\xff"}'), (3, '{"a": "é"}')]
    assert problems(path) == {2: "not_utf8"}


def test_eight_times_the_lines_that_are_no_utf8_do_not_take_sixty_four_times_the_cpu_time():
    def cpu_s(count):
        garbled = [f"{number} \\xa3" for number in range(count)]
        texts, began = pa.array(garbled), time.thread_time()
        assert line_problems(texts, garbled).null_count == 0
        return time.thread_time() - began

    few, many = (min(cpu_s(count) for _ in range(3)) for count in (2_000, 16_000))
    assert many < 30 * few


def test_a_line_that_only_looks_like_an_escaped_one_is_fine(file):
    assert problems(file(b"a,b\n\xff\n1,C:\\xff\n"), "csv") == {2: "not_utf8"}


def test_a_quoted_record_that_is_no_utf8_is_a_problem_also_across_the_edge_of_a_block(file):
    path = file(b'a,b\n1,"\xff and then\na lot more"\n2,x\n')

    assert problems(path, "csv", block_bytes=8) == {2: "not_utf8"}


def test_a_line_with_a_nul_byte_or_over_a_mebibyte_is_a_problem(file):
    path = file(b'{"a": "\x00"}\n{}\n{"a": "' + b"x" * LONGEST_LINE + b'"}\n{"b": 1}\n')

    assert problems(path) == {1: "nul_byte", 3: "line_too_long"}
    assert [line for line, _ in lines(path)] == [1, 2, 3, 4]


def test_the_byte_that_the_fast_way_splits_by_is_kept(file):
    assert lines(file(b"a\x01b\nc")) == [(1, "a\x01b"), (2, "c")]


def test_a_quoted_field_may_span_lines_and_the_record_is_found_where_it_begins(file):
    assert lines(file('a,b\n1,"x\r\ny"\n\n2,z\n'), "csv") == [(2, '1,"x\ny"'), (5, "2,z")]


def test_a_quote_within_a_cell_is_text_and_opens_none(file):
    rows = ['1,TV 24",x', "2,b,x", '3,TV 50",x', '4,"two\nlines, 5""",x', '5," 6"" ",x', '6,7"," y""', "7,c,x"]

    assert [raw for _, raw in lines(file("\n".join(["a,b,c", *rows])), "csv")] == rows


@pytest.mark.parametrize("row", ['1,"x,y', '1,"x" y",z', '1,"x\\" y",z'])
def test_a_quote_that_is_not_closed_takes_no_other_record_with_it(file, row):
    rows = [row, "2,b", '3,"two\nlines"', '4,"x,y', "5,c"]

    assert [raw for _, raw in lines(file("\n".join(["a,b", *rows])), "csv")] == rows


def test_a_quoted_cell_may_have_hundreds_of_lines(file):
    cell = "\n".join(f'<p class=""x"">{n}, and more</p>' for n in range(WIDEST_RECORD - 10))
    rows = [f'1,"{cell}",x', "2,b,x", '3,"two\nlines",x']

    assert [raw for _, raw in lines(file("\n".join(["a,b,c", *rows])), "csv")] == rows


def test_a_stray_quote_spoils_its_own_line_only(file):
    rows = [f"{n},x" for n in range(2 * WIDEST_RECORD)]
    path = file("\n".join(["a,b", '0,"x', *rows]))

    assert [raw for _, raw in lines(path, "csv")] == ['0,"x', *rows]
