import pytest

from shoplake.cli.charts import bar


@pytest.mark.parametrize(("value", "drawn"), [(0, ""), (4, "██"), (3, "█▌"), (8, "████"), (99, "████")])
def test_a_bar_is_as_long_as_its_share(value, drawn):
    assert bar(value, 8, 4) == drawn


def test_little_can_be_told_from_nothing():
    assert bar(1, 1_000_000, 10) == "▏"


def test_there_is_no_bar_where_all_is_nothing():
    assert bar(0, 0) == ""
