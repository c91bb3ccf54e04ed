import pytest

from shoplake.simulate.realistic import FEATURES


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"orders": 0}, "orders must be at least 1, not 0"),
        ({"events": -1}, "events must be at least 0, not -1"),
        ({"customers": 0}, "customers must be at least 1, not 0"),
        ({"orders": 500, "customers": 20}, "orders must be at most 200 with 20 customers, not 500"),
        ({"features": frozenset({"identty"})}, "Unknown feature 'identty'. Did you mean 'identity'?"),
        ({"features": frozenset({"xyz"})}, f"Unknown feature 'xyz'. Choose from {', '.join(FEATURES)}."),
        ({"timezone": "Mars/Base"}, "timezone must be an IANA name"),
    ],
)
def test_a_wrong_argument_is_named_in_the_error(options, wrong, message):
    with pytest.raises(ValueError, match=message.replace("?", r"\?").replace(".", r"\.")):
        options(**wrong)


def test_few_orders_have_few_buyers(options):
    assert options(orders=10).buyers == 4
    assert options(orders=2_000).buyers == round(0.85 * 220)


@pytest.mark.parametrize(("days", "per_file"), [(92, 1), (93, 7)])
def test_long_periods_have_weekly_files(options, days, per_file):
    assert options(days=days).days_per_file == per_file
