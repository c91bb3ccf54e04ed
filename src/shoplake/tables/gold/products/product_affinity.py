from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Replace, col, table
from shoplake.transforms.products.association import lift_low, log_likelihood_ratio

UNIT = ["feed", "unit"]


@table(
    "gold",
    key=["feed", "unit", "product_a", "product_b"],
    write=Replace(takes_memory_as_asked=True),
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col("unit", "string", "basket: bought in one order; session: viewed in one session"),
        col("product_a", "string", "The product that sorts first"),
        col("product_b", "string", "The other product"),
        col("together", "bigint", "Baskets or sessions with both", unit="baskets"),
        col("baskets_a", "bigint", "With product_a", unit="baskets"),
        col("baskets_b", "bigint", "With product_b", unit="baskets"),
        col("baskets", "bigint", "All baskets or sessions of the feed", unit="baskets"),
        col("support", "double", "together / baskets", unit="ratio"),
        col("confidence_ab", "double", "together / baskets_a: how often b is with a", unit="ratio"),
        col("confidence_ba", "double", "together / baskets_b: how often a is with b", unit="ratio"),
        col(
            "lift",
            "double",
            "support over its value under independence; below 1 the products avoid each other",
            unit="ratio",
        ),
        col("lift_low", "double", "lift with the lower bound of the support's 95 % Wilson interval", unit="ratio"),
        col("llr", "double", "Log-likelihood ratio G² (Dunning 1993)", unit="χ² units"),
        col("rank", "int", "Within feed and unit by llr, then together, then product ids; 1 is best", unit="position"),
    ],
)
def product_affinity(
    product_pairs_daily: DataFrame,
    product_baskets_daily: DataFrame,
    *,
    min_together: int = 5,
    min_llr: float = 10.83,
) -> DataFrame:
    """One row per feed, unit and pair of products that are together more often, or less, than chance explains.

    Pairs are listed with at least `min_together` common baskets and an `llr` of at least `min_llr`: 10.83 is the 99.9th
    percentile of χ² with one degree of freedom, so that of a thousand independent pairs one is listed. With many
    products some are: sort by `lift_low`, which takes the counts of the single products as known.

    lift = together · baskets / (baskets_a · baskets_b). Association rules (Agrawal 1993) rank by confidence or lift
    alone, which favours popular or rare products. Co-occurrence is no cause.
    """
    pair = [*UNIT, "product_a", "product_b"]
    pairs = product_pairs_daily.groupBy(*pair).agg(F.sum("together").alias("together"))
    single = product_baskets_daily.groupBy(*UNIT, "product_id").agg(F.sum("baskets").alias("baskets"))
    days = product_baskets_daily.groupBy(*UNIT, "basket_date").agg(F.max("baskets_of_day").alias("of_day"))
    whole = days.groupBy(*UNIT).agg(F.sum("of_day").alias("baskets"))
    first, second = (
        single.select(*UNIT, F.col("product_id").alias(f"product_{side}"), F.col("baskets").alias(f"baskets_{side}"))
        for side in ("a", "b")
    )
    counts = (
        pairs.where(F.col("together") >= min_together)
        .join(first, on=[*UNIT, "product_a"], how="inner")
        .join(second, on=[*UNIT, "product_b"], how="inner")
        .join(whole, on=UNIT, how="inner")
    )
    of_both = F.col("baskets_a").cast("double") * F.col("baskets_b").cast("double")
    n = F.col("baskets").cast("double")
    measured = counts.select(
        *(*pair, "together", "baskets_a", "baskets_b", "baskets"),
        money.ratio("together", "baskets").alias("support"),
        money.ratio("together", "baskets_a").alias("confidence_ab"),
        money.ratio("together", "baskets_b").alias("confidence_ba"),
        (F.col("together").cast("double") * n / of_both).alias("lift"),
        lift_low("together", "baskets_a", "baskets_b", "baskets").alias("lift_low"),
        log_likelihood_ratio("together", "baskets_a", "baskets_b", "baskets").alias("llr"),
    )
    best_first = Window.partitionBy(*UNIT).orderBy(F.desc("llr"), F.desc("together"), "product_a", "product_b")
    return measured.where(F.col("llr") >= min_llr).select("*", F.row_number().over(best_first).alias("rank"))
