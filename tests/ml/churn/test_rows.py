from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from sample_churn import churn_rows

from shoplake.ml.churn.rows import ChurnRows, split_days
from shoplake.ml.errors import TrainingError

END = date(2026, 3, 1)


def test_outcomes_of_training_and_calibration_are_over_before_the_test_day():
    days = split_days(date(2024, 3, 1), END)

    splits = {split: sorted(day for day, each in days.items() if each == split) for split in set(days.values())}
    [test], [calibrate] = splits["test"], splits["calibrate"]
    assert test + timedelta(days=90) == END
    assert calibrate + timedelta(days=90) == test
    assert max(splits["train"]) + timedelta(days=90) == calibrate
    assert np.diff(splits["train"]).tolist() == [timedelta(days=30)] * 5


def test_a_training_needs_360_days_and_says_how_many_there_are():
    assert list(split_days(END - timedelta(days=360), END).values()) == ["train", "calibrate", "test"]
    with pytest.raises(TrainingError, match="The orders span 359 days; training needs 360"):
        split_days(END - timedelta(days=359), END)


def test_rows_of_any_order_are_the_same_arrays():
    table = pa.table(
        {
            "feed": ["s", "s", "s"],
            "customer_id": ["b", "a", "a"],
            "as_of_date": [END, END, date(2026, 1, 1)],
            "split": ["test", "test", "train"],
            "is_churned": [True, False, True],
            "features": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
        }
    )

    rows = ChurnRows.from_arrow(table, ["x", "y"])

    assert rows.values.tolist() == [[5, 6], [3, 4], [1, 2]]
    assert rows.customers.tolist() == ["a", "a", "b"]
    assert rows.values.tolist() == ChurnRows.from_arrow(table.take([2, 0, 1]), ["x", "y"]).values.tolist()
    assert (rows.column("y").tolist(), rows.select(["y"]).tolist()) == ([6, 4, 2], [[6], [4], [2]])


def test_a_feature_that_a_model_needs_and_rows_lack_is_named():
    with pytest.raises(KeyError, match="visits"):
        churn_rows().select(["noise", "visits"])


def test_too_few_customers_of_an_outcome_are_refused():
    churn_rows().check()
    with pytest.raises(TrainingError, match="50 of each are needed"):
        churn_rows(customers=90).check()
