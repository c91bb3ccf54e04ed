from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.cohorts import MEASURES, build_cohorts, week_number, week_of
from shoplake.transforms.customer_ties import cohort_ties
from shoplake.transforms.customer_value import as_of_dates


@table(
    "gold",
    key=["feed", "cohort_week_date", "acquisition_channel", "week_number"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("cohort_week_date", "date", "The Monday of the ISO week of the customers' first order, in local time"),
        col(
            "acquisition_channel", "string", "Channel of the customers' first session, (none) without one; all of them"
        ),
        col("week_number", "int", "Weeks since the first order's; 0 is that week", unit="weeks"),
        *MEASURES,
    ],
    ties=cohort_ties("gold.cohorts_weekly", "week_number"),
)
def cohorts_weekly(customer_days: DataFrame, customer_months: DataFrame, customer_facts: DataFrame) -> DataFrame:
    """One row per ISO week of first order, acquisition channel (and all of them), and week since.

    Weeks begin on Monday (ISO 8601), in the shop's local time. All else is defined as in `gold.cohorts_monthly`.
    """
    activity = customer_days.where(F.col("customer_id").isNotNull()).select(
        *("feed", "customer_id", "orders", "net", "margin"), week_number("activity_date").alias("period")
    )
    facts = customer_facts.withColumn("cohort", week_number("first_order_date"))
    as_of = as_of_dates(customer_months).select("feed", "as_of_date", F.date_sub("as_of_date", 1).alias("_day"))
    rows = build_cohorts(activity, facts, as_of.select("feed", week_number("_day").alias("last")))
    next_week = week_of(F.col("cohort") + F.col("number") + 1)
    return (
        rows.join(F.broadcast(as_of), on="feed", how="inner")
        .withColumns(
            {
                "cohort_week_date": week_of(F.col("cohort")),
                "week_number": F.col("number").cast("int"),
                "is_complete": next_week <= F.col("as_of_date"),
            }
        )
        .select(*[each.name for each in cohorts_weekly.columns])
    )
