import pytest

from shoplake.serve.dashboard.measures import format_of, judge
from shoplake.transforms.sales.sales_metrics import CONVERSION, NET_SALES, ORDERS, RETURNS


@pytest.mark.parametrize(("change", "sales", "returns"), [(0.03, "good", "bad"), (-0.03, "bad", "good")])
def test_more_sales_are_good_and_more_returns_are_bad(change, sales, returns):
    assert (judge(NET_SALES, change), judge(RETURNS, change)) == (sales, returns)


@pytest.mark.parametrize("change", [None, 0.0001])
def test_no_change_is_neither(change):
    assert judge(RETURNS, change) == "same"


def test_a_metric_is_shown_by_its_unit():
    assert [format_of(each) for each in (NET_SALES, ORDERS, CONVERSION)] == ["money", "count", "percent"]
