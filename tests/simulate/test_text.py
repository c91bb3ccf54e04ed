import numpy as np
import pyarrow as pa
import pytest

from shoplake.simulate.text import (
    HEX,
    TIME,
    format_money,
    format_time,
    join_texts,
    repeat_template,
    take_texts,
    to_strings,
    write_digits,
    write_hex,
    write_time,
)

MOMENTS = [0, 1_772_323_199_999, 1_772_323_200_000, 1_709_164_800_123]


def test_times_written_at_once_are_those_written_one_by_one():
    cells = repeat_template(f"<{TIME}>", len(MOMENTS))
    write_time(cells, 1, np.array(MOMENTS))

    assert to_strings(cells).to_pylist() == [f"<{format_time(at)}>" for at in MOMENTS]
    assert format_time(MOMENTS[3]) == "2024-02-29T00:00:00.123Z"


def test_numbers_are_written_in_hexadecimal_and_with_leading_zeros():
    cells = repeat_template(f"{HEX} 0000", 2)
    write_hex(cells, 0, np.array([255, 2**64 - 1], np.uint64))
    write_digits(cells, 17, 4, np.array([7, 1234]))

    assert to_strings(cells).to_pylist() == ["00000000000000ff 0007", "ffffffffffffffff 1234"]


def test_nothing_is_written_for_no_rows():
    cells = repeat_template(TIME, 0)
    write_time(cells, 0, np.array([], np.int64))

    assert to_strings(cells).to_pylist() == []


def test_texts_are_selected_and_joined():
    pieces = take_texts(pa.array(["a", "é"]), np.array([1, 0, 1]))

    assert join_texts("<", pieces, pieces).to_pylist() == ["<éé", "<aa", "<éé"]


@pytest.mark.parametrize(("cents", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123456, "1234.56")])
def test_cents_become_decimals(cents, text):
    assert format_money(cents) == text
