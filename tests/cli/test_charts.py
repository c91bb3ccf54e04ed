import pytest

from shoplake.cli.charts import bar


@pytest.mark.parametrize(("value", "drawn"), [(0, ""), (4, "██"), (3, "█▌"), (8, "████"), (99, "████")])
def test_a_bar_is_as_long_as_its_share(value, drawn):
    assert bar(value, 8, 4) == drawn


def test_a_small_value_is_visible():
    assert bar(1, 1_000_000, 10) == "▏"


def test_there_is_no_bar_where_the_maximum_is_zero():
    assert bar(0, 0) == ""
