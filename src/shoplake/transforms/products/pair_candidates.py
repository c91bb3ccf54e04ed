"""Candidates for each product from the counts of pairs and sequences, for each feed and unit."""

from __future__ import annotations

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
    last = product_baskets_daily.groupBy(*UNIT).agg(F.max("basket_date").alias("_last"))
    by_day = product_baskets_daily.groupBy(*UNIT, "basket_date").agg(F.max("baskets_of_day").alias("baskets_of_day"))
    sequences = product_sequences_daily.select(
        "feed",
        F.lit("session").alias("unit"),
        F.date_add("event_date", 0).alias("basket_date"),
        *("viewed_id", "bought_id", "sessions", "buying_sessions"),
    )
    buying = sequences.groupBy(*UNIT, "basket_date", "bought_id").agg(F.max("buying_sessions").alias("buying_sessions"))
    viewed = {PAIR[0]: F.col("viewed_id"), PAIR[1]: F.col("bought_id")}
    pairs = {name: F.col(name) for name in PAIR}
    rows = [
        _count(product_pairs_daily, last, "pair", "together", pairs).where("together > 1"),
        _count(product_baskets_daily, last, "product", "baskets", {PAIR[0]: F.col("product_id")}),
        _count(by_day, last, "all", "baskets_of_day", {}),
        _count(sequences, last, "sequence", "sessions", viewed).where("together > 1"),
        _count(buying, last, "purchase", "buying_sessions", {PAIR[0]: F.col("bought_id")}),
    ]
    counted = rows[0]
    for each in rows[1:]:
        counted = counted.unionByName(each)
    names = (*UNIT, "relation", *PAIR, "together", "weighted")
    plain = counted.select(*[F.coalesce(name).alias(name) for name in names])
    finder = CandidateFinder(most, max_solved)

    def find(rows: pd.DataFrame) -> pd.DataFrame:
        """Return the candidates of one feed and unit."""
        return finder.find(rows)

    return map_groups(plain, names, UNIT, find, SCHEMA)


def _count(rows: DataFrame, last: DataFrame, relation: str, count: str, products: dict[str, Column]) -> DataFrame:
    """Return `relation`, both products (null where there is none), `together` and, by age, `weighted`."""
    age = F.datediff("_last", "basket_date").cast("double") / F.lit(float(HALF_LIFE_DAYS))
    weight = F.when(F.col("unit") == "session", F.pow(F.lit(0.5), age)).otherwise(F.lit(1.0))
    named = rows.join(F.broadcast(last), on=UNIT, how="inner").select(
        *UNIT, *[column.alias(name) for name, column in products.items()], count, (F.col(count) * weight).alias("_part")
    )
    counted = named.groupBy(*UNIT, *products).agg(
        F.sum(count).cast("double").alias("together"), F.round(F.sum("_part"), 6).alias("weighted")
    )
    sides = [F.col(name) if name in products else F.lit(None).cast("string").alias(name) for name in PAIR]
    return counted.select(*UNIT, F.lit(relation).alias("relation"), *sides, "together", "weighted")
