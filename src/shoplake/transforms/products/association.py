"""Measures of association in a 2 × 2 table, and the confidence interval of a proportion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column

Z = 1.959963984540054
"""The standard normal quantile of a two-sided interval of 95 %."""
PLACES = 6
"""Decimal places of measures that are made of logarithms, whose last digits differ between engines."""


def log_likelihood_ratio(together: str, with_a: str, with_b: str, units: str) -> Column:
    """Return the log-likelihood ratio G² of two products, from the columns with their counts; double.

    Of `units` units, `with_a` contain the one, `with_b` the other, `together` both. G² = 2 Σ k ln(k·n / (row · column))
    over the four cells, of which an empty one adds 0. Source: Dunning, "Accurate Methods for the Statistics of Surprise
    and Coincidence", Computational Linguistics 19 (1993). Under independence it is distributed as χ² with one degree of
    freedom: 10.83 is its 99.9th percentile. It is large also where products avoid each other.
    """
    both, a, b, n = (F.col(name).cast("double") for name in (together, with_a, with_b, units))
    cells = ((both, a, b), (a - both, a, n - b), (b - both, n - a, b), (n - a - b + both, n - a, n - b))
    terms = [F.when(k > 0, k * F.ln(k * n / (row * column))).otherwise(F.lit(0.0)) for k, row, column in cells]
    return F.round(F.lit(2.0) * (terms[0] + terms[1] + terms[2] + terms[3]), PLACES)


def wilson_low(successes: str, trials: str) -> Column:
    """Return the lower bound of the 95 % Wilson score interval of successes / trials; null without trials."""
    return F.round(_lowest(successes, trials), PLACES)


def lift_low(together: str, with_a: str, with_b: str, units: str) -> Column:
    """Return the lift of two products if their support is the lower bound of its 95 % Wilson interval; double.

    The bound is not rounded before: of a million baskets it is a few millionths.
    """
    a, b, n = (F.col(name).cast("double") for name in (with_a, with_b, units))
    return F.round(_lowest(together, units) * n * n / (a * b), PLACES)


def wilson_high(successes: str, trials: str) -> Column:
    """Return the upper bound of the 95 % Wilson score interval of successes / trials; null without trials."""
    centre, margin, whole = _wilson(successes, trials)
    return F.when(whole.isNotNull(), F.round(F.least(F.lit(1.0), (centre + margin) / whole), PLACES))


def _lowest(successes: str, trials: str) -> Column:
    centre, margin, whole = _wilson(successes, trials)
    return F.when(whole.isNotNull(), F.greatest(F.lit(0.0), (centre - margin) / whole))


def _wilson(successes: str, trials: str) -> tuple[Column, Column, Column]:
    """Return the numerator of the centre, that of the margin, and the denominator of both.

    Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927).
    """
    n = F.nullif(F.col(trials).cast("double"), F.lit(0.0))
    share = F.col(successes).cast("double") / n
    square = F.lit(Z * Z)
    margin = F.lit(Z) * F.sqrt(share * (F.lit(1.0) - share) / n + square / (F.lit(4.0) * n * n))
    return share + square / (F.lit(2.0) * n), margin, F.lit(1.0) + square / n
