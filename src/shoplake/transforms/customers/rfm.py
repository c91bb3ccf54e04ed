"""Recency, frequency and monetary value (RFM): scores, named segments and value tiers."""

from __future__ import annotations

from functools import reduce
from operator import add
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

VALUE = "decimal(38,4)"
"""Type of the values that are scored side by side."""

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


def score_many(customers: DataFrame, *by: str) -> DataFrame:
    """Add the same columns as `score_rfm`, with less memory where there are many rows for each of `by`.

    The rows are not sorted: each score begins at a value, which is found among the distinct ones. `by` is never null.
    """
    values = {name: value.cast(VALUE).alias("_value") for name, value in _ascending().items()}
    each = F.explode(F.array(*[F.struct(F.lit(name).alias("_of"), value) for name, value in values.items()]))
    known = customers.select(*by, each.alias("_each")).select(*by, "_each.*").where("_value IS NOT NULL")
    counts = known.groupBy(*by, "_of", "_value").agg(F.count("*").alias("_count"))
    group = Window.partitionBy(*by, "_of")
    up_to = group.orderBy("_value").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    summed = counts.withColumn("_up_to", F.sum("_count").over(up_to).cast("double"))
    share = F.col("_up_to") / F.max("_up_to").over(group)
    scored = summed.withColumn("_score", F.ceil(F.lit(5) * share))
    begins = {
        f"_{name}_{score}": F.min(F.when((F.col("_of") == name) & (F.col("_score") >= score), F.col("_value")))
        for name in values
        for score in range(2, 6)
    }
    first = scored.groupBy(*by).agg(*[value.alias(name) for name, value in begins.items()])
    joined = first.join(customers, on=list(by), how="right")
    return joined.withColumns({name: _score_from(name, value) for name, value in _ascending().items()}).drop(*begins)


def _ascending() -> dict[str, Column]:
    """Return the values by which each score grows."""
    return {
        "recency_score": -F.col("recency_days"),
        "frequency_score": F.col("frequency"),
        "monetary_score": F.col("monetary"),
    }


def _score_from(name: str, value: Column) -> Column:
    reached = [F.coalesce((value.cast(VALUE) >= F.col(f"_{name}_{at}")).cast("int"), F.lit(0)) for at in range(2, 6)]
    return F.when(value.isNotNull(), reduce(add, reached, F.lit(1)))


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
