"""Candidates for each product from the counts of pairs and sequences, for each feed and unit."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.transforms.products.candidate_finder import SCHEMA, CandidateFinder
from shoplake.transforms.sorted_groups import map_groups

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import Column, DataFrame

UNIT = ["feed", "unit"]
PAIR = ["product_a", "product_b"]
HALF_LIFE_DAYS = 30


def find_pair_candidates(
    product_pairs_daily: DataFrame,
    product_baskets_daily: DataFrame,
    product_sequences_daily: DataFrame,
    most: int,
    max_solved: int,
) -> DataFrame:
    """One row per feed, kind, product and candidate, with the columns of `SCHEMA`.

    Baskets make the kind `together`; sessions make `similar` and, by what is bought after a view, `next`. Baskets count
    alike, whenever they were; a session counts half for each 30 days before the last day of its feed and unit. Pairs
    and sequences that were there once are left out.
    """
    by_day = product_baskets_daily.groupBy(*UNIT, "basket_date").agg(F.max("baskets_of_day").alias("baskets_of_day"))
    day, unit = F.date_add("event_date", 0).alias("basket_date"), F.lit("session").alias("unit")
    sequences = product_sequences_daily.select(
        "feed", unit, day, *("viewed_id", "bought_id", "sessions", "buying_sessions")
    )
    by_product = sequences.groupBy("feed", "basket_date", "bought_id")  # a constant in the key costs ten times as much
    buying = by_product.agg(F.max("buying_sessions").alias("buying_sessions")).withColumn("unit", unit)
    rows = [
        _daily(product_baskets_daily, "product", "baskets", "product_id"),
        _daily(by_day, "all", "baskets_of_day"),
        _daily(sequences, "sequence", "sessions", "viewed_id", "bought_id"),
        _daily(buying, "purchase", "buying_sessions", "bought_id"),
    ]
    last = product_baskets_daily.groupBy(*UNIT).agg(F.max("basket_date").alias("_last"))
    others = _count(reduce(lambda one, other: one.unionAll(other), rows), last, "relation")
    pairs = _count(_daily(product_pairs_daily, "pair", "together", *PAIR), last)
    names = (*UNIT, "relation", *PAIR, "together", "weighted")
    together = pairs.withColumn("relation", _constant("pair")).select(*names).unionAll(others.select(*names))
    counted = together.where(~F.col("relation").isin("pair", "sequence") | (F.col("together") > 1))
    plain = counted.select(*[F.coalesce(name).alias(name) for name in names])
    finder = CandidateFinder(most, max_solved)

    def find(rows: pd.DataFrame) -> pd.DataFrame:
        """Return the candidates of one feed and unit."""
        return finder.find(rows)

    return map_groups(plain, names, UNIT, find, SCHEMA)


def _daily(rows: DataFrame, relation: str, count: str, *products: str) -> DataFrame:
    """Return counts by day: `UNIT`, `basket_date`, `relation`, `PAIR` (null where there is no product), `count`."""
    sides = [*map(F.coalesce, products), *[F.lit(None).cast("string")] * (len(PAIR) - len(products))]
    return rows.select(
        *[F.coalesce(name).alias(name) for name in (*UNIT, "basket_date")],
        _constant(relation).alias("relation"),
        *[side.alias(name) for side, name in zip(sides, PAIR, strict=True)],
        F.col(count).cast("bigint").alias("count"),
    )


def _constant(text: str) -> Column:
    """Return a text that is no constant of the plan: Sail takes a union of constants for one constant."""
    return F.when(F.col("feed").isNull(), F.lit(text)).otherwise(F.lit(text))


def _count(daily: DataFrame, last: DataFrame, *more: str) -> DataFrame:
    """Return by `UNIT`, `PAIR` and `more`: `together`, the sum of the counts, and `weighted`, that sum by age."""
    age = F.datediff("_last", "basket_date").cast("double") / F.lit(float(HALF_LIFE_DAYS))
    weight = F.when(F.col("unit") == "session", F.pow(F.lit(0.5), age)).otherwise(F.lit(1.0))
    named = daily.join(F.broadcast(last), on=UNIT, how="inner")
    return named.groupBy(*UNIT, *PAIR, *more).agg(
        F.sum("count").cast("double").alias("together"), F.round(F.sum(F.col("count") * weight), 6).alias("weighted")
    )
