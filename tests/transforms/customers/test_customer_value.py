from datetime import date

import pandas as pd
import pytest

from shoplake.ml.order_counts import OrderCounts
from shoplake.tables.gold.customers.customer_months import customer_months
from shoplake.transforms.customers.customer_value import as_of_dates, fit_models, score_customers

HISTORY = pd.DataFrame(
    {
        "feed": "shop",
        "as_of_date": date(2026, 3, 1),
        "repeats": [number % 4 for number in range(40)],
        "last": [15 * (number % 4) for number in range(40)],
        "observed": [60 + number for number in range(40)],
        "mean_value": [5.0 + number for number in range(40)],
    }
)


def test_the_as_of_day_is_the_one_after_the_last_order_of_the_feed(some):
    months = [{"feed": "shop", "last_order_date": date(2026, 3, day)} for day in (1, 9)]
    months += [{"feed": "shop", "customer_id": "ann"}, {"feed": "quiet"}]

    rows = as_of_dates(some(customer_months, *months)).collect()

    assert [(row.feed, row.as_of_date) for row in rows] == [("shop", date(2026, 3, 10))]


def test_a_fit_does_not_depend_on_the_order_of_the_rows():
    one, other = fit_models(HISTORY), fit_models(HISTORY.sample(frac=1, random_state=3).reset_index(drop=True))

    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_each_row_of_a_block_is_scored_by_its_own_feeds_model():
    model = {"r": 1.0, "alpha": 30.0, "a": 1.2, "b": 3.0, "p": 6.0, "q": 4.0, "v": 15.0}
    rows = HISTORY.head(4).assign(customer_id=list("abcd"), **model)
    block = pd.concat([rows, rows.assign(feed="other", r=2.0)])

    scores = pd.concat(score_customers(iter([block])))

    for feed, r in (("shop", 1.0), ("other", 2.0)):
        expected = OrderCounts(r, 30.0, 1.2, 3.0).p_active(rows.repeats, rows["last"], rows.observed)
        assert list(scores[scores.feed == feed].p_alive) == pytest.approx(list(expected), abs=1e-6)
