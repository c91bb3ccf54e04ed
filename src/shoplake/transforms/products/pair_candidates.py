"""Candidates for each product from the counts of pairs, for each feed and unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.ml.recommendations.candidates import find_candidates
from shoplake.ml.recommendations.pair_counts import PairCounts

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame

UNIT = ["feed", "unit"]
HALF_LIFE_DAYS = 30
SCHEMA = (
    "feed string, unit string, product_id string, recommended_id string, score double, together bigint, lift_low double"
)
Z = 1.959963984540054


def find_pair_candidates(
    product_pairs_daily: DataFrame, product_baskets_daily: DataFrame, most: int, max_solved: int
) -> DataFrame:
    """One row per feed, unit, product and candidate, with the columns of `SCHEMA`.

    Baskets count alike, whenever they were; a session counts half for each 30 days before the last day of its feed and
    unit. Pairs that were together once are left out.
    """
    last = product_baskets_daily.groupBy(*UNIT).agg(F.max("basket_date").alias("_last"))
    pair = ["product_a", "product_b"]
    pairs = (
        _weigh(product_pairs_daily, last, "together")
        .groupBy(*UNIT, *pair)
        .agg(F.sum("together").alias("together"), F.round(F.sum("_weighted"), 6).alias("weighted"))
        .where(F.col("together") > 1)
    )
    single = (
        _weigh(product_baskets_daily, last, "baskets")
        .groupBy(*UNIT, "product_id")
        .agg(F.sum("baskets").alias("together"), F.round(F.sum("_weighted"), 6).alias("weighted"))
    )
    by_day = product_baskets_daily.groupBy(*UNIT, "basket_date").agg(F.max("baskets_of_day").alias("baskets_of_day"))
    whole = (
        _weigh(by_day, last, "baskets_of_day")
        .groupBy(*UNIT)
        .agg(F.sum("baskets_of_day").alias("together"), F.round(F.sum("_weighted"), 6).alias("weighted"))
    )
    numbers = [F.col(name).cast("double").alias(name) for name in ("together", "weighted")]
    nothing = F.lit(None).cast("string")
    rows = (
        pairs.select(*UNIT, *pair, *numbers)
        .unionByName(single.select(*UNIT, F.col("product_id").alias(pair[0]), nothing.alias(pair[1]), *numbers))
        .unionByName(whole.select(*UNIT, nothing.alias(pair[0]), nothing.alias(pair[1]), *numbers))
        .select(*[F.coalesce(name).alias(name) for name in (*UNIT, *pair, "together", "weighted")])
    )
    return rows.groupBy(*UNIT).applyInPandas(_candidate_finder(most, max_solved), struct_type(SCHEMA))


def _weigh(rows: DataFrame, last: DataFrame, count: str) -> DataFrame:
    """Add `_weighted`: the count, of sessions by age."""
    age = F.datediff("_last", "basket_date").cast("double") / F.lit(float(HALF_LIFE_DAYS))
    weight = F.when(F.col("unit") == "session", F.pow(F.lit(0.5), age)).otherwise(F.lit(1.0))
    return rows.join(F.broadcast(last), on=UNIT, how="inner").withColumn("_weighted", F.col(count) * weight)


def _candidate_finder(most: int, max_solved: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def find(rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of `SCHEMA` of one feed and unit."""
        is_whole, is_single = rows["product_a"].isna(), rows["product_b"].isna()
        single, pairs = rows[is_single & ~is_whole], rows[~is_single]
        if pairs.empty:
            return pd.DataFrame(columns=[each.split()[0] for each in SCHEMA.split(", ")])
        counts, real = (_count(single, pairs, rows[is_whole], name) for name in ("weighted", "together"))
        found = find_candidates(counts, most, max_solved=max_solved)
        names = np.array(counts.products, dtype=object)
        together = real.find(found.product, found.candidate)
        lift = _lift_low(together, real.alone[found.product], real.alone[found.candidate], real.baskets)
        columns = {
            "feed": rows["feed"].iloc[0],
            "unit": rows["unit"].iloc[0],
            "product_id": names[found.product],
            "recommended_id": names[found.candidate],
            "score": found.score,
            "together": together.astype(np.int64),
            "lift_low": np.round(lift, 6),
        }
        return pd.DataFrame(columns)

    return find


def _count(single: pd.DataFrame, pairs: pd.DataFrame, whole: pd.DataFrame, count: str) -> PairCounts:
    sides = (pairs["product_a"].tolist(), pairs["product_b"].tolist(), pairs[count].tolist())
    return PairCounts.of(single["product_a"].tolist(), single[count].tolist(), whole[count].iloc[0], sides)


def _lift_low(
    both: np.ndarray[tuple[int], np.dtype[np.float64]],
    a: np.ndarray[tuple[int], np.dtype[np.float64]],
    b: np.ndarray[tuple[int], np.dtype[np.float64]],
    n: float,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the lift with the lower bound of the support's 95 % Wilson interval, as in `product_affinity`."""
    share = both / n
    centre = share + Z * Z / (2 * n)
    width = Z * np.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return (centre - width) / (1 + Z * Z / n) * n * n / (a * b)
