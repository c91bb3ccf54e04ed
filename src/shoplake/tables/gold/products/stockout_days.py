from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Feeds, Replace, col, table
from shoplake.transforms.feed_date import feed_date

PRODUCT = ["feed", "product_id"]


@table(
    "gold",
    key=["feed", "product_id", "stockout_date"],
    write=Replace(),
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col("product_id", "string", "The product"),
        col("stockout_date", "date", "The shop's local day"),
        col("started_on", "date", "The day on which it became unavailable"),
        col("is_whole_day", "boolean", "Whether it was unavailable from midnight to midnight"),
        col("views", "bigint", "Product views of that day", unit="events"),
        col("units", "bigint", "Pieces sold on that day", unit="pieces"),
        col(
            "usual_units",
            "double",
            "Pieces sold per day in the days before `started_on`; null on the first day",
            unit="pieces per day",
        ),
    ],
)
def stockout_days(
    products: DataFrame, product_performance_daily: DataFrame, *, feeds: Feeds, days: int = 28
) -> DataFrame:
    """One row per feed, product and day on which it was unavailable, for the whole day or a part of it.

    Days run from the first to the last day of the feed in `product_performance_daily`. Unavailable means
    `is_available` is false in `silver.products`, or the product is gone and comes back; one that never comes back is
    delisted, and has no rows. A stock-out that ends at midnight sharp ends with the day before. `usual_units` is the
    mean of the `days` days before, days without a sale included. It is no estimate of lost sales: customers buy later,
    or something else, and what runs out has usually been selling well.
    """
    performance = product_performance_daily.select(*PRODUCT, "event_date", "views", "units")
    span = performance.groupBy("feed").agg(F.min("event_date").alias("first_on"), F.max("event_date").alias("last_on"))
    outages = _find_outages(products, feeds).join(span, on="feed", how="inner")
    usual = _add_usual_units(outages, performance, days)
    from_day, to_day = F.greatest("started_on", "first_on"), F.least(F.coalesce("ended_on", "last_on"), "last_on")
    lengths = usual.withColumns({"_from": from_day, "_days": F.date_diff(to_day, from_day)}).where("_days >= 0")
    each = lengths.withColumn("_day", F.explode(F.sequence(F.lit(0), F.col("_days"))))
    dated = each.withColumn("stockout_date", F.date_add("_from", F.col("_day")))
    is_after_start = F.col("whole_from") <= F.col("stockout_date")
    is_before_end = F.coalesce(F.col("whole_to") >= F.col("stockout_date"), F.lit(True))
    by_day = dated.groupBy(*PRODUCT, "stockout_date").agg(
        F.min("started_on").alias("started_on"),
        F.max(is_after_start & is_before_end).alias("is_whole_day"),
        F.min_by("usual_units", "started_on").alias("usual_units"),
    )
    counts = performance.withColumnRenamed("event_date", "stockout_date")
    return by_day.join(counts, on=[*PRODUCT, "stockout_date"], how="left").select(
        *(*PRODUCT, "stockout_date", "started_on", "is_whole_day"),
        *[F.coalesce(name, F.lit(0)).cast("bigint").alias(name) for name in ("views", "units")],
        "usual_units",
    )


def _find_outages(products: DataFrame, feeds: Feeds) -> DataFrame:
    """One row per time without a break in which a product is unavailable; its end is null where it still is.

    `started_on` to `ended_on` are its days, `whole_from` to `whole_to` those that it fills from midnight to midnight.
    """
    in_order = Window.partitionBy(*PRODUCT).orderBy("valid_from")
    out = ~F.coalesce("is_available", F.lit(True))
    continues = out & F.coalesce(F.lag(out).over(in_order), F.lit(False))
    continues &= F.lag("valid_to").over(in_order) == F.col("valid_from")
    marked = _with_absences(products).select(
        *PRODUCT,
        *("valid_from", "valid_to"),
        out.alias("_out"),
        F.when(F.coalesce(continues, F.lit(False)), 0).otherwise(1).alias("_starts"),
    )
    numbered = marked.withColumn("_number", F.sum("_starts").over(in_order)).where("_out")
    ends = F.when(F.count_if(F.col("valid_to").isNull()) == 0, F.max("valid_to"))
    spans = numbered.groupBy(*PRODUCT, "_number").agg(F.min("valid_from").alias("_start"), ends.alias("_end"))
    before = {f"{name}_before": F.timestamp_micros(F.unix_micros(name) - 1) for name in ("_start", "_end")}
    return spans.withColumns(before).select(
        *(*PRODUCT, "_number"),
        feed_date("_start", feeds).alias("started_on"),
        feed_date("_end_before", feeds).alias("ended_on"),
        F.date_add(feed_date("_start_before", feeds), 1).alias("whole_from"),
        F.date_sub(feed_date("_end", feeds), 1).alias("whole_to"),
    )


def _with_absences(products: DataFrame) -> DataFrame:
    """Return the versions, and one more that is not available where a product is gone before the next version.

    The columns are computed because Sail does not join a union whose sides have different comments.
    """
    names = (*PRODUCT, "valid_from", "valid_to", "is_available")
    following = F.lead("valid_from").over(Window.partitionBy(*PRODUCT).orderBy("valid_from"))
    absences = products.select(*PRODUCT, F.col("valid_to").alias("valid_from"), following.alias("valid_to"))
    gone = absences.where("valid_from < valid_to").withColumn("is_available", F.lit(False))
    return products.select(*names).unionByName(gone).select(*[F.coalesce(name).alias(name) for name in names])


def _add_usual_units(outages: DataFrame, performance: DataFrame, days: int) -> DataFrame:
    sold = performance.select(*[F.col(name).alias(f"_{name}") for name in (*PRODUCT, "event_date", "units")])
    is_same = (F.col("feed") == F.col("_feed")) & (F.col("product_id") == F.col("_product_id"))
    distance = F.date_diff("started_on", "_event_date")
    near = outages.join(sold, on=is_same & distance.between(1, days), how="left")
    span = ("started_on", "ended_on", "whole_from", "whole_to", "first_on", "last_on")
    counted = near.groupBy(*PRODUCT, "_number", *span).agg(F.coalesce(F.sum("_units"), F.lit(0)).alias("_sold"))
    observed = F.greatest(F.lit(0), F.least(F.lit(days), F.date_diff("started_on", "first_on")))
    return counted.withColumn("_observed", observed).withColumn("usual_units", money.ratio("_sold", "_observed"))
