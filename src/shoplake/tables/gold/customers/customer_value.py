from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.schema import struct_type
from shoplake.declare import Replace, col, table
from shoplake.transforms.customers.customer_value import (
    PARAMETERS,
    SCORE_SCHEMA,
    SCORES,
    as_of_dates,
    order_histories,
    score_customers,
)
from shoplake.transforms.known_columns import select_known

SCORED = ("feed", "customer_id", "repeats", "last", "observed", "mean_value", *PARAMETERS)


@table(
    "gold",
    key=["feed", "customer_id", "as_of_date"],
    write=Replace(),
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col("customer_id", "string", "The customer"),
        col("as_of_date", "date", "The day after the feed's last order"),
        col("repeats", "bigint", "Days with an order after the first such day (x)", unit="days"),
        col("last", "int", "Days from the first to the last order (t_x)", unit="days"),
        col("observed", "int", "Days from the first order to the day before `as_of_date` (T)", unit="days"),
        col("is_repeat", "boolean", "Whether there is more than one such day"),
        col(
            "mean_value",
            "decimal(18,4)",
            "Net value per order day, the first included; null where lines lack a rate",
            unit="currency",
        ),
        col("p_alive", "double", "Probability that the customer still orders", unit="probability"),
        col("p_order_90d", "double", "Probability of an order in the 90 days from `as_of_date`", unit="probability"),
        col("expected_orders_90d", "double", "Expected order days in these 90 days", unit="days"),
        col("expected_orders_365d", "double", "Expected order days in the 365 days from `as_of_date`", unit="days"),
        col("expected_value", "decimal(18,2)", "Expected net value of an order day", unit="currency"),
        col("value_365d", "decimal(18,2)", "expected_orders_365d × expected_value", unit="currency"),
    ],
)
def customer_value(
    customer_facts: DataFrame, customer_months: DataFrame, customer_value_models: DataFrame
) -> DataFrame:
    """One row per customer with an order: what MBG/NBD and Gamma-Gamma expect of the customer from `as_of_date` on.

    Orders on one local day count once. The probability of churn in 90 days is 1 - p_order_90d. A customer whose net is
    not positive, or lacks lines without a rate, keeps the scores of order counts and has no expected value; all scores
    are null in a feed with fewer than 10 repeat customers. Seasons and prices are not part of the models, and nothing
    is discounted.
    """
    histories = order_histories(customer_facts, as_of_dates(customer_months))
    models = customer_value_models.select("feed", *PARAMETERS)
    rated = histories.join(F.broadcast(models), on="feed", how="inner").withColumn(
        "mean_value", F.col("mean_value").cast("double")
    )
    scored = select_known(rated, SCORED).mapInPandas(score_customers, struct_type(SCORE_SCHEMA))
    known = {name: F.nanvl(name, F.lit(None).cast("double")) for name in SCORES}
    value = F.round("value_per_order", 2).try_cast(money.SUM)
    value_365d = F.round(F.col("expected_orders_365d") * F.col("value_per_order"), 2).try_cast(money.SUM)
    rows = histories.join(scored.withColumns(known), on=["feed", "customer_id"], how="left")
    return rows.select(
        "feed",
        "customer_id",
        "as_of_date",
        "repeats",
        "last",
        "observed",
        (F.col("repeats") > 0).alias("is_repeat"),
        "mean_value",
        "p_alive",
        "p_order_90d",
        "expected_orders_90d",
        "expected_orders_365d",
        value.alias("expected_value"),
        value_365d.alias("value_365d"),
    )
