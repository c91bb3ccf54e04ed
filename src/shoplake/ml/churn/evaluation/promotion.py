"""Whether a challenger replaces the champion, by scores of the same test rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shoplake.ml.churn.evaluation.metrics import Interval, bootstrap_auc_difference, evaluate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MAX_LOSS = 0.002
"""The lower end of the interval of the AUC difference lies above its negative."""
SLOPES, MAX_ECE = (0.8, 1.25), 0.05
BRIER_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Comparison:
    """A challenger beside the champion, or beside the recency rule where there is no champion."""

    opponent: str
    is_promoted: bool
    reason: str
    auc: Interval
    brier_difference: float | None
    slope: float | None
    ece: float

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values."""
        return asdict(self)


def compare(
    challenger: Floats, opponent: Floats, truth: NDArray[Any], name: str, *, is_probability: bool, rounds: int = 1_000
) -> Comparison:
    """Compare scores of the same rows. `is_probability` is false for the recency rule, which has no Brier score.

    The challenger is promoted if the 95 % interval of its AUC difference lies above -0.002, its Brier score is not
    worse, and it is calibrated. A challenger with the champion's scores is the same model and is not promoted.
    """
    one = evaluate(challenger, truth)
    other = evaluate(opponent, truth, is_probability=is_probability)
    auc = bootstrap_auc_difference(challenger, opponent, truth, rounds=rounds)
    slope, ece = one.to_dict()["calibration_slope"], one.ece or 0.0
    difference = (one.brier or 0.0) - other.brier if other.brier is not None else None
    if np.array_equal(challenger, opponent):
        return Comparison(name, False, f"its scores are those of {name}", auc, difference, slope, ece)
    problems = (
        (not auc.low > -MAX_LOSS, f"its AUC may be {max(-auc.low, 0):.4f} below that of {name}"),
        (difference is not None and difference > BRIER_TOLERANCE, f"its Brier score is {difference or 0:.4f} worse"),
        (slope is None, "its probabilities are all the same"),
        (slope is not None and not SLOPES[0] <= slope <= SLOPES[1], f"its calibration slope is {slope or 0:.2f}"),
        (ece > MAX_ECE, f"its calibration error is {ece:.3f}"),
    )
    reasons = [text for is_problem, text in problems if is_problem]
    reason = "; ".join(reasons) or f"AUC {auc.value:+.4f} ({auc.low:+.4f} to {auc.high:+.4f}) against {name}"
    return Comparison(name, not reasons, reason, auc, difference, slope, ece)
