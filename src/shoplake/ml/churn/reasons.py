"""Reasons of a score in words: the features that contribute most, and the rest as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TOP, OTHER, OTHERS = 3, "other", "all other features"
NEVER = 9_999
WORDS = {
    "days_since_last_order": "last order {} days ago",
    "days_since_first_order": "customer for {} days",
    "order_days": "{} days with an order",
    "order_days_365d": "{} days with an order in the last year",
    "order_days_90d": "{} days with an order in the last 90 days",
    "usual_gap_days": "usually {} days between orders",
    "gaps_since_last_order": "{} usual gaps since the last order",
    "units_365d": "{} goods bought in the last year",
    "products_365d": "{} different products in the last year",
    "discounted_order_days": "{} days with a discounted order",
    "return_days_365d": "{} days with a return in the last year",
    "days_since_last_visit": "last visit {} days ago",
    "visit_days_30d": "{} days with a visit in the last 30 days",
    "visit_days_90d": "{} days with a visit in the last 90 days",
    "product_views_90d": "{} products viewed in the last 90 days",
    "add_to_carts_90d": "{} products put into the cart in the last 90 days",
    "mobile_visit_days": "{} days with a visit on a phone",
    "paid_visit_days": "{} days with a visit by a paid channel",
}
SPECIAL = {
    ("usual_gap_days", 0.0): "no usual gap yet: one day with an order",
    ("gaps_since_last_order", 0.0): "no usual gap yet: one day with an order",
    ("days_since_last_visit", float(NEVER)): "no visit while logged in",
}


def describe(name: str, value: float, meanings: Mapping[str, str]) -> str:
    """Return a feature's value in words; one of a project by its meaning."""
    if text := SPECIAL.get((name, float(value))):
        return text
    number = f"{value:,.1f}".removesuffix(".0")
    if template := WORDS.get(name):
        text = template.format(number)
        return text.replace("1 days", "1 day", 1) if number == "1" else text
    return f"{meanings.get(name, name)}: {number}"


def top_reasons(
    names: Sequence[str], values: Floats, contributions: Floats, meanings: Mapping[str, str]
) -> pa.ListArray:
    """Return for each row its 3 features with the greatest contributions, either way, and the sum of the others.

    Each is a struct of `feature, value, contribution, text`; the contributions of a row add up to those of all.
    """
    count, width = values.shape
    top = min(TOP, width)
    order = np.argsort(-np.abs(contributions), axis=1, kind="stable")[:, :top]
    rows = np.arange(count)[:, None]
    chosen, parts = values[rows, order], contributions[rows, order]
    rest = contributions.sum(axis=1) - parts.sum(axis=1)
    feature = np.column_stack([order, np.full(count, len(names))])
    words, text = _texts(names, order, chosen, meanings)
    value = np.column_stack([chosen, np.full(count, np.nan)])
    contribution = np.column_stack([parts, rest])
    flat = pa.StructArray.from_arrays(
        [
            pa.array([*names, OTHER], pa.string()).take(pa.array(feature.ravel())),
            pa.array(value.ravel(), pa.float64(), mask=np.isnan(value.ravel())),
            pa.array(contribution.ravel(), pa.float64()),
            pa.array(words, pa.string()).take(pa.array(text.ravel())),
        ],
        names=["feature", "value", "contribution", "text"],
    )
    return pa.ListArray.from_arrays(pa.array(np.arange(count + 1) * (top + 1), pa.int32()), flat)


def _texts(
    names: Sequence[str], order: NDArray[Any], chosen: Floats, meanings: Mapping[str, str]
) -> tuple[list[str], NDArray[np.int64]]:
    """Describe the chosen values and then all others: texts, and their places in them of each row.

    Equal values of a feature are described once.
    """
    words, places = [OTHERS], np.zeros((len(order), order.shape[1] + 1), np.int64)
    for position, name in enumerate(names):
        is_this = order == position
        distinct, where = np.unique(chosen[is_this], return_inverse=True)
        places[:, :-1][is_this] = len(words) + where
        words += [describe(name, value, meanings) for value in distinct.tolist()]
    return words, places
