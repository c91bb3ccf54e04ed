import pytest

from shoplake.serve.dashboard.measures import NET_SALES, RETURNS


@pytest.mark.parametrize(("change", "sales", "returns"), [(0.03, "good", "bad"), (-0.03, "bad", "good")])
def test_more_sales_are_good_and_more_returns_are_bad(change, sales, returns):
    assert (NET_SALES.judge(change), RETURNS.judge(change)) == (sales, returns)


@pytest.mark.parametrize("change", [None, 0.0001])
def test_no_change_is_neither(change):
    assert RETURNS.judge(change) == "same"
