import pytest

from shoplake.declare import feature
from shoplake.errors import DeclarationError

GOOD = {
    "name": "orders",
    "dtype": "bigint",
    "window": 30,
    "source": "silver.order_lines",
    "at": "ordered_at",
    "default": 0,
    "meaning": "Orders",
    "unit": "orders",
}


def test_calling_a_feature_aggregates_the_values_of_its_window():
    orders = feature(**GOOD)(lambda values: ("count", values("order_id")))

    assert orders(lambda column: f"{column} in the window") == ("count", "order_id in the window")
    assert (orders.name, orders.window, orders.default) == ("orders", 30, 0)


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"name": "Orders!"}, "Orders!"),
        ({"dtype": "string"}, "string"),
        ({"window": 0}, "0 days"),
        ({"unit": ""}, "unit"),
    ],
)
def test_a_feature_that_cannot_be_is_refused_with_what_is_wrong(wrong, word):
    with pytest.raises(DeclarationError, match=word):
        feature(**GOOD | wrong)


def test_a_reduction_of_days_that_does_not_exist_is_refused():
    with pytest.raises(DeclarationError, match="per_day='mean'"):
        feature(**GOOD, per_day="mean")
