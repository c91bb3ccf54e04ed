"""Recency, frequency and monetary value (RFM): scores, named segments and value tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.declare import col

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

SEGMENTS = (
    ("champions", "recency_score >= 4 AND monetary_score >= 4 AND frequency >= 2"),
    ("loyal", "recency_score >= 3 AND frequency >= 2"),
    ("new", "recency_score >= 4 AND lifetime_orders = 1"),
    ("promising", "recency_score >= 4"),
    ("big_spenders", "recency_score = 3 AND monetary_score >= 4"),
    ("needs_attention", "recency_score = 3"),
    ("cannot_lose", "monetary_score >= 4"),
    ("at_risk", "recency_score = 2"),
    ("lost", "true"),
)
"""Segment conditions; the first true one wins. They use the number of orders instead of the frequency score, because
most customers order once: equal values share a score, so that one order can score 4."""

TIERS = (("platinum", 0.05), ("gold", 0.20), ("silver", 0.50), ("bronze", 1.0))
"""Value tiers by the share of customers whose lifetime net sales are as high or higher."""
SCORES = ("recency_score", "frequency_score", "monetary_score")
"""The columns of the scores, from 1 to 5; 5 is best."""

SCORE_COLUMNS = (
    col("recency_score", "int", "1 to 5, 5 is the most recent"),
    col("frequency_score", "int", "1 to 5, 5 is the most frequent"),
    col("monetary_score", "int", "1 to 5, 5 is the highest"),
    col("rfm", "string", "The three scores side by side, e.g. 545"),
)
"""The declarations of `SCORES`, and of the three side by side."""


def score_rfm(customers: DataFrame, *by: str) -> DataFrame:
    """Add `SCORES` of `recency_days`, `frequency` and `monetary`, among the customers with equal values of `by`.

    A score is `ceil(5 × cume_dist())`, worst first, so equal values share one. Null where the value is.
    """
    return customers.withColumns(
        {
            "recency_score": _score(F.desc("recency_days"), "recency_days", by),
            "frequency_score": _score(F.asc("frequency"), "frequency", by),
            "monetary_score": _score(F.asc("monetary"), "monetary", by),
        }
    )


def name_segment() -> Column:
    """Return the name of the first of `SEGMENTS` whose condition is true."""
    name, condition = SEGMENTS[0]
    expression = F.when(F.expr(condition), name)
    for name, condition in SEGMENTS[1:]:
        expression = expression.when(F.expr(condition), name)
    return expression


def value_tier(of: str, *by: str) -> Column:
    """Return the tier of the column `of` among the customers with equal values of `by`; null where it is."""
    is_known = F.col(of).isNotNull()
    better = F.cume_dist().over(Window.partitionBy(*by, is_known).orderBy(F.desc(of)))
    name, share = TIERS[0]
    tier = F.when(better <= share, name)
    for name, share in TIERS[1:]:
        tier = tier.when(better <= share, name)
    return F.when(is_known, tier)


def _score(order: Column, of: str, by: tuple[str, ...]) -> Column:
    is_known = F.col(of).isNotNull()
    worst_first = Window.partitionBy(*by, is_known).orderBy(order)
    return F.when(is_known, F.ceil(F.lit(5) * F.cume_dist().over(worst_first)).cast("int"))
