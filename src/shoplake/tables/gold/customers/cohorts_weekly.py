from pyspark.sql import DataFrame

from shoplake.declare import Replace, col, table
from shoplake.transforms.customers import customer_ties
from shoplake.transforms.customers.cohorts import MEASURES, WEEK, cohorts_by
from shoplake.transforms.customers.customer_value import as_of_dates

COHORT = ("gold.cohorts_weekly", "cohort_week_date", "week_number", ("gold.customer_days", "activity_date"))
"""Table, columns of a cell and activity."""


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
    ties=customer_ties.cohort_ties(*COHORT, period=customer_ties.WEEK),
)
def cohorts_weekly(customer_days: DataFrame, customer_months: DataFrame, customer_facts: DataFrame) -> DataFrame:
    """One row per ISO week of first order, acquisition channel (and all of them), and week since.

    Weeks begin on Monday (ISO 8601), in the shop's local time. All else is defined as in `gold.cohorts_monthly`.
    """
    rows = cohorts_by(
        *(WEEK, customer_days, "activity_date", customer_facts, as_of_dates(customer_months)),
        start="cohort_week_date",
        number="week_number",
    )
    return rows.select(*[each.name for each in cohorts_weekly.columns])
