from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.columns.distinct import count_distinct
from shoplake.declare import Replace, col, table
from shoplake.transforms.anomalies.explain import ALL

UNKNOWN = "(unknown)"
KEY = ("feed", "measure_date", "measure", "currency", "segment")


@table(
    "gold",
    key=KEY,
    write=Replace(
        partition_by="measure_date", input_partitions={"order_values": "order_date", "sessions": "session_date"}
    ),
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col("measure_date", "date", "The shop's local day"),
        col("measure", "string", "orders, units, gross_sales, sessions"),
        col("currency", "string", "ISO 4217 code of gross_sales; null for the others"),
        col("segment", "string", "(all), or one value of a dimension such as country=GB"),
        col("value", "decimal(18,4)", "The measure's value", unit="orders, pieces, currency or sessions"),
        col("observations", "bigint", "Number of orders or sessions it is made of", unit="orders or sessions"),
    ],
)
def daily_measures(order_values: DataFrame, sessions: DataFrame) -> DataFrame:
    """One row per feed, day, measure, currency and segment: what `gold.sales_anomalies` watches.

    Segments are those of country, top category, channel and device; sessions have the last two. Cancelled orders and
    bots are left out. An order with goods of several categories counts in each, so that orders do not add up over them.
    """
    sales = order_values.where((F.col("kind") == "sale") & ~F.col("is_cancelled"))
    dimensions = {"country": "country", "category": "top_category", "channel": "channel", "device": "device"}
    lines = sales.select("*", F.explode(_segments(dimensions)).alias("segment"))
    day = F.col("order_date").alias("measure_date")
    orders = count_distinct(F.col("order_id"))
    counts = lines.groupBy("feed", day, "segment").agg(orders.alias("orders"), F.sum("quantity").alias("units"))
    money = lines.groupBy("feed", day, "segment", "currency").agg(F.sum("gross").alias("gross"), orders.alias("orders"))
    people = sessions.where(~F.col("is_bot"))
    visits = people.select("*", F.explode(_segments({"channel": "channel", "device": "device"})).alias("segment"))
    visited = visits.groupBy("feed", F.col("session_date").alias("measure_date"), "segment").agg(
        F.count("*").alias("sessions")
    )
    return (
        _measure(counts, "orders", "orders", "orders")
        .unionAll(_measure(counts, "units", "units", "orders"))
        .unionAll(_measure(money, "gross_sales", "gross", "orders", F.col("currency")))
        .unionAll(_measure(visited, "sessions", "sessions", "sessions"))
    )


def _segments(dimensions: dict[str, str]) -> Column:
    named = [
        F.concat(F.lit(f"{name}="), F.coalesce(F.col(column), F.lit(UNKNOWN))) for name, column in dimensions.items()
    ]
    return F.array(F.lit(ALL), *named)


def _measure(rows: DataFrame, name: str, value: str, count: str, currency: Column | None = None) -> DataFrame:
    return rows.select(
        "feed",
        "measure_date",
        F.lit(name).alias("measure"),
        (F.lit(None) if currency is None else currency).cast("string").alias("currency"),
        "segment",
        F.coalesce(value, F.lit(0)).cast("decimal(18,4)").alias("value"),
        F.col(count).cast("bigint").alias("observations"),
    )
