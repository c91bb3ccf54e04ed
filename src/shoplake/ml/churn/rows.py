"""The rows that churn is learned from: features and outcomes of customers on as-of days, by split."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from shoplake.ml.model_errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HORIZON_DAYS, STEP_DAYS, HISTORY_DAYS, MAX_TRAIN_DAYS = 90, 30, 90, 6
TRAIN, CALIBRATE, TEST = "train", "calibrate", "test"
MIN_ROWS = 50
"""Customers, and churned and retained ones each, below which a split says nothing."""
NOTED_SHARE = 0.01
"""Of sales that were ingested too late, from which on a training says so."""


@dataclass(frozen=True)
class ChurnRows:
    """Customers on as-of days: `values` are rows × features in the order of `names`, `is_churned` 0 or 1."""

    names: tuple[str, ...]
    customers: NDArray[Any]
    values: Floats
    is_churned: Floats
    split: NDArray[Any]

    @classmethod
    def from_arrow(cls, rows: pa.Table, names: Sequence[str]) -> ChurnRows:
        """Return the rows of a training set, sorted by their key, so that equal sets are equal arrays."""
        ordered = rows.sort_by([(name, "ascending") for name in ("as_of_date", "feed", "customer_id")])
        flat = np.asarray(ordered["features"].combine_chunks().flatten(), float)
        return cls(
            tuple(names),
            np.asarray(ordered["customer_id"].to_pylist(), object),
            flat.reshape(ordered.num_rows, len(names)),
            np.asarray(ordered["is_churned"].to_pylist(), float),
            np.asarray(ordered["split"].to_pylist(), object),
        )

    def part(self, split: str) -> ChurnRows:
        """Return the rows of one split."""
        chosen = self.split == split
        return ChurnRows(
            self.names, self.customers[chosen], self.values[chosen], self.is_churned[chosen], self.split[chosen]
        )

    def column(self, name: str) -> Floats:
        """Return the values of one feature."""
        return np.asarray(self.values[:, self.names.index(name)])

    def select(self, names: Sequence[str]) -> Floats:
        """Return the values of features, in the order of `names`. Raises KeyError for one that is not there."""
        if missing := set(names) - set(self.names):
            raise KeyError(", ".join(sorted(missing)))
        return np.asarray(self.values[:, [self.names.index(name) for name in names]])

    def check(self) -> None:
        """Raise TrainingError where a split has too few customers of either outcome."""
        for split in (TRAIN, CALIBRATE, TEST):
            outcomes = self.is_churned[self.split == split]
            churned = int(outcomes.sum())
            if min(churned, len(outcomes) - churned) < MIN_ROWS:
                raise TrainingError(
                    f"The {split} rows have {churned} churned and {len(outcomes) - churned} retained customers; "
                    f"{MIN_ROWS} of each are needed. Train on a shop with more customers or a longer history."
                )


def split_days(first_order: date, data_through: date) -> Mapping[date, str]:
    """Return the as-of days of a training by their split; `data_through` is the day after the last order.

    The test day is the last whose 90 days are over. Outcomes of the calibration day end with the test day, and those of
    the training days before the calibration day ends. Raises TrainingError where the history is too short.
    """
    test = data_through - timedelta(days=HORIZON_DAYS)
    calibrate = test - timedelta(days=HORIZON_DAYS)
    last_train = calibrate - timedelta(days=HORIZON_DAYS)
    earliest = first_order + timedelta(days=HISTORY_DAYS)
    train = [last_train - timedelta(days=STEP_DAYS * step) for step in range(MAX_TRAIN_DAYS)]
    train = [day for day in train if day >= earliest]
    if not train:
        needed = 3 * HORIZON_DAYS + HISTORY_DAYS
        has = (data_through - first_order).days
        raise TrainingError(
            f"The orders span {has} days; training needs {needed}: {HISTORY_DAYS} of history, and {HORIZON_DAYS} each "
            "of outcomes to train, to calibrate and to test. Train again when the history is longer."
        )
    return {**dict.fromkeys(sorted(train), TRAIN), calibrate: CALIBRATE, test: TEST}


def explain_unknown(share: float) -> list[str]:
    """Return what to know where a share of the sales before the test day was ingested too late to count on it."""
    if share < NOTED_SHARE:
        return []
    return [
        f"{share:.0%} of the sales before the test day do not count on it: they, or corrections of their orders, were "
        "ingested later. Where they are history, ingest all files in the first run of a new lake."
    ]
