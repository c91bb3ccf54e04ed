from datetime import UTC, datetime

from shoplake.record_text import RAW_LENGTH, place, plain, shortened


def test_a_record_of_a_file_without_lines_is_in_the_file():
    assert (place("a.csv", 3), place("a.parquet", None)) == ("a.csv:3", "a.parquet")


def test_a_long_text_ends_with_an_ellipsis_and_a_short_one_is_whole():
    assert shortened("a,b\r\n") == "a,b"
    assert shortened("x" * (RAW_LENGTH + 1)) == "x" * RAW_LENGTH + "…"


def test_times_of_a_row_are_texts():
    row = {"at": datetime(2026, 3, 1, tzinfo=UTC), "line": 3, "raw": None}

    assert plain(row) == {"at": "2026-03-01T00:00:00+00:00", "line": 3, "raw": None}
