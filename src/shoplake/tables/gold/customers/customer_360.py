from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Feeds, Replace, col, table
from shoplake.tables.gold.customers.customer_facts import customer_facts as facts_table
from shoplake.tables.gold.predictions.churn_scores import REASONS
from shoplake.transforms.customers.customer_activity import AMOUNTS
from shoplake.transforms.customers.customer_ties import customer_ties
from shoplake.transforms.customers.customer_value import as_of_dates
from shoplake.transforms.customers.order_gaps import COLUMNS as GAP_COLUMNS
from shoplake.transforms.customers.order_gaps import measure_gaps
from shoplake.transforms.customers.rfm import SCORE_COLUMNS
from shoplake.transforms.sales.convert_currency import RATE_KNOWN, feed_currency, is_rate_known

CUSTOMER = ["feed", "customer_id"]
COUNTS = (
    *("orders", "order_days", "cancelled_orders", "units", "devices", "sessions", "product_views", "add_to_carts"),
    "lines_without_rate",
)
SEGMENT = (*[each.name for each in SCORE_COLUMNS], "segment", "value_tier")
VALUE = ("p_alive", "expected_orders_90d", "expected_orders_365d", "value_365d")
FACTS = [column.name for column in facts_table.columns if column.name != "currency"]


@table(
    "gold",
    key=["feed", "customer_id"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("customer_id", "string", "The customer"),
        col("as_of_date", "date", "The day after the feed's last order; null in a feed without orders"),
        col("currency", "string", "The feed's currency, ISO 4217; amounts in others are converted"),
        col("signup_date", "date", "Sign-up date as recorded by the shop"),
        col("location", "string", "Location as recorded by the shop (personal data)", personal="location"),
        col("devices", "bigint", "Browsers and devices that the customer was logged in on", unit="devices"),
        col("first_seen_at", "timestamp", "Start of the first session", unit="UTC"),
        col("last_seen_at", "timestamp", "End of the last session", unit="UTC"),
        col("acquisition_channel", "string", "Channel of the first session; (none) if it is after the first order"),
        col("favourite_channel", "string", "The channel of the orders with the highest net"),
        col("favourite_category", "string", "The category with the highest net"),
        col("first_order_date", "date", "The shop's local day of the first order"),
        col("last_order_date", "date", "The shop's local day of the last order"),
        col("days_since_last_order", "int", "Days from the last order to `as_of_date`", unit="days"),
        col("days_between_orders", "decimal(18,4)", "Mean gap between order days; null with fewer than 2", unit="days"),
        *GAP_COLUMNS,
        col("orders", "bigint", "Orders", unit="orders"),
        col("order_days", "bigint", "Days with an order", unit="days"),
        col("cancelled_orders", "bigint", "Cancelled orders, which nothing else counts", unit="orders"),
        col("units", "bigint", "Goods bought", unit="pieces"),
        col("gross", "decimal(18,2)", "Sum of the goods sales", unit="currency"),
        col("discounts", "decimal(18,2)", "Discounts, positive", unit="currency"),
        col("returns", "decimal(18,2)", "Goods returned, positive", unit="currency"),
        col("net", "decimal(18,2)", "Lifetime value to date: gross - discounts - returns", unit="currency"),
        col(
            "margin", "decimal(18,2)", "Sales less discounts and cost, before returns; null if unknown", unit="currency"
        ),
        col(
            "average_order_value",
            "decimal(18,2)",
            "(gross - discounts) / orders; null without, and where lines lack a rate",
            unit="currency",
        ),
        col("discount_rate", "double", "discounts / gross", unit="ratio"),
        col("return_rate", "double", "returns / gross", unit="ratio"),
        col("sessions", "bigint", "Sessions of the person, without bots", unit="sessions"),
        col("product_views", "bigint", "Product views", unit="events"),
        col("add_to_carts", "bigint", "Add-to-cart events", unit="events"),
        *SCORE_COLUMNS,
        col("segment", "string", "The segment of `gold.customer_segments`; null without an order"),
        col("value_tier", "string", "platinum, gold, silver or bronze, by lifetime net; null without an order"),
        col("p_alive", "double", "Probability that the customer still orders", unit="probability"),
        col("expected_orders_90d", "double", "Expected order days in the 90 days from `as_of_date`", unit="days"),
        col("expected_orders_365d", "double", "Expected order days in the 365 days from it", unit="days"),
        col("value_365d", "decimal(18,2)", "Expected net of those 365 days", unit="currency"),
        col(
            "churn_probability",
            "double",
            "Probability of no order in 90 days: the last of `gold.churn_scores` that is not of a day after "
            "`as_of_date`, without one that of MBG/NBD",
            unit="probability",
        ),
        col("churn_reasons", REASONS, "Why, of the score of a model; null without one"),
        col("churn_model_version", "int", "The version of that model; null without one", unit="version"),
        col("lines_without_rate", "bigint", "Order lines without an exchange rate, which money omits", unit="lines"),
    ],
    expectations=[RATE_KNOWN],
    ties=customer_ties(),
)
def customer_360(
    customers: DataFrame,
    customer_facts: DataFrame,
    customer_favourites: DataFrame,
    customer_segments: DataFrame,
    customer_value: DataFrame,
    customer_months: DataFrame,
    customer_days: DataFrame,
    churn_scores: DataFrame,
    *,
    feeds: Feeds,
) -> DataFrame:
    """One row per customer, on record or with an order, a return or a session: everything that is known of one.

    Facts come from `gold.customer_facts`, segments from `gold.customer_segments`, expectations from
    `gold.customer_value`, and churn from the last as-of day of `gold.churn_scores` up to `as_of_date`; that table is
    empty without a model. All else that depends on a clock does so as of the day after the feed's last order. Sums over
    customers and guests (the rows of `gold.customer_months` without a customer) are those of the order lines; each row
    is rounded to the cent. Customers with a return and no sale are here, with a net below zero.
    """
    on_record = customers.where(F.col("is_current")).select("feed", "customer_id", "signup_date", "location")
    values = customer_value.select(*CUSTOMER, *VALUE, (F.lit(1.0) - F.col("p_order_90d")).alias("_p_churn"))
    rows = (
        customer_facts.select(*FACTS)
        .join(on_record, on=CUSTOMER, how="full")
        .join(customer_favourites, on=CUSTOMER, how="left")
        .join(customer_segments.select(*CUSTOMER, *SEGMENT), on=CUSTOMER, how="left")
        .join(values, on=CUSTOMER, how="left")
        .join(measure_gaps(customer_days), on=CUSTOMER, how="left")
        .join(_last_scores(churn_scores, as_of_dates(customer_months)), on=CUSTOMER, how="left")
        .join(F.broadcast(as_of_dates(customer_months)), on="feed", how="left")
    )
    return rows.withColumns(_cells(feeds)).select(*[each.name for each in customer_360.columns])


def _last_scores(churn_scores: DataFrame, as_of: DataFrame) -> DataFrame:
    """Return the scores of each feed's last as-of day that is not after the end of its data."""
    ends = F.broadcast(as_of.withColumnRenamed("as_of_date", "_end"))
    known = churn_scores.join(ends, on="feed", how="inner").where("as_of_date <= _end")
    last = known.groupBy("feed").agg(F.max("as_of_date").alias("as_of_date"))
    scores = churn_scores.join(F.broadcast(last), on=["feed", "as_of_date"], how="inner")
    return scores.select(
        *CUSTOMER,
        F.col("churn_probability").alias("_score"),
        "churn_reasons",
        F.col("model_version").alias("churn_model_version"),
    )


def _cells(feeds: Feeds) -> dict[str, Column]:
    """Return the columns that are not those of an input."""
    has_facts = F.col("orders").isNotNull()
    amounts = {name: F.when(has_facts, F.col(name)).otherwise(F.lit(0)) for name in (*AMOUNTS[:3], "net")}
    before_returns = F.when(is_rate_known(), F.col("gross") - F.col("discounts"))
    return {
        "currency": feed_currency(feeds),
        "first_seen_at": F.col("first_session_at"),
        "last_seen_at": F.col("last_session_at"),
        "acquisition_channel": F.coalesce("acquisition_channel", F.lit("(none)")),
        "days_since_last_order": F.datediff("as_of_date", "last_order_date").cast("int"),
        **{name: F.coalesce(name, F.lit(0)).cast("bigint") for name in COUNTS},
        **{name: amount.cast(money.SUM) for name, amount in amounts.items()},
        "margin": F.col("margin").cast(money.SUM),
        "average_order_value": (before_returns / F.nullif("orders", F.lit(0))).cast(money.SUM),
        "discount_rate": money.ratio("discounts", "gross"),
        "return_rate": money.ratio("returns", "gross"),
        "churn_probability": F.coalesce("_score", "_p_churn"),
    }
