import numpy as np
import pytest

from shoplake.ml.churn.reasons import describe, top_reasons

NAMES = ("days_since_last_order", "order_days", "usual_gap_days", "pieces", "noise")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("days_since_last_order", 97.0, "last order 97 days ago"),
        ("days_since_last_order", 1.0, "last order 1 day ago"),
        ("usual_gap_days", 31.25, "usually 31.2 days between orders"),
        ("usual_gap_days", 0.0, "no usual gap yet: one day with an order"),
        ("days_since_last_visit", 9_999.0, "no visit while logged in"),
        ("pieces", 1_200.0, "Pieces bought: 1,200"),
    ],
)
def test_a_value_is_described_in_words(name, value, words):
    assert describe(name, value, {"pieces": "Pieces bought"}) == words


def test_the_greatest_contributions_come_first_and_all_add_up():
    values = np.array([[97.0, 2, 31, 5, 0], [3, 9, 14, 5, 1]])
    contributions = np.array([[0.3, -0.1, 0.2, 0.01, -0.02], [-0.4, 0.0, 0.1, 0.2, 0.05]])

    one, other = top_reasons(NAMES, values, contributions, {}).to_pylist()

    assert [each["feature"] for each in one] == ["days_since_last_order", "usual_gap_days", "order_days", "other"]
    assert [each["text"] for each in one[:2]] == ["last order 97 days ago", "usually 31 days between orders"]
    assert (one[-1]["value"], one[-1]["text"]) == (None, "all other features")
    assert sum(each["contribution"] for each in one) == pytest.approx(0.39, abs=1e-12)
    assert sum(each["contribution"] for each in other) == pytest.approx(-0.05, abs=1e-12)
