from pyspark.sql import DataFrame

from shoplake.declare import Replace, col, table
from shoplake.transforms.customers import customer_ties
from shoplake.transforms.customers.cohorts import MEASURES, MONTH, cohorts_by
from shoplake.transforms.customers.customer_value import as_of_dates

COHORT = ("gold.cohorts_monthly", "cohort_month", "month_number", ("gold.customer_months", "activity_month"))
"""Table, columns of a cell and activity."""


@table(
    "gold",
    key=["feed", "cohort_month", "acquisition_channel", "month_number"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("cohort_month", "date", "The first day of the month of the customers' first order, in local time"),
        col(
            "acquisition_channel", "string", "Channel of the customers' first session, (none) without one; all of them"
        ),
        col("month_number", "int", "Months since the first order's; 0 is that month", unit="months"),
        *MEASURES,
    ],
    ties=customer_ties.cohort_ties(*COHORT, period=customer_ties.MONTH),
)
def cohorts_monthly(customer_months: DataFrame, customer_facts: DataFrame) -> DataFrame:
    """One row per month of first order, acquisition channel (and all of them), and month since.

    A cohort are the customers whose first order lies in a calendar month of the shop's local time; guests have none.
    Cells are dense: a month in which nobody came back is 0, a month after the last order of the feed has no row, and
    the last one is not complete unless the data ends with it. `active` is "on" retention, `returned_ever_after` "on or
    after". `customers` of month 0, over the cohorts of all channels, are the customers who ever ordered. Common
    variants count 30-day brackets from the first order, which do not follow the calendar.
    """
    rows = cohorts_by(
        *(MONTH, customer_months, "activity_month", customer_facts, as_of_dates(customer_months)),
        start="cohort_month",
        number="month_number",
    )
    return rows.select(*[each.name for each in cohorts_monthly.columns])
