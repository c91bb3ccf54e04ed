from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.columns.money import ratio
from shoplake.columns.web import STEPS
from shoplake.declare import Feeds, Replace, col, table


@table(
    "gold",
    key=["feed", "event_date"],
    write=Replace(partition_by="event_date", input_partitions={"sessions": "session_date"}),
    columns=[
        col("feed", "string", "Which shop's stream"),
        col("event_date", "date", "The shop's local day"),
        col("page_view_visitors", "bigint", "Visitors who saw a page", unit="visitors"),
        col("product_view_visitors", "bigint", "Visitors who saw a product", unit="visitors"),
        col("add_to_cart_visitors", "bigint", "Visitors who put something into the cart", unit="visitors"),
        col("checkout_started_visitors", "bigint", "Visitors who went to the checkout", unit="visitors"),
        col("purchase_visitors", "bigint", "Visitors who bought", unit="visitors"),
        col("page_view_sessions", "bigint", "Visits begun that day that saw a page", unit="visits"),
        col("product_view_sessions", "bigint", "… and then a product", unit="visits"),
        col("add_to_cart_sessions", "bigint", "… and then put something into the cart", unit="visits"),
        col("checkout_started_sessions", "bigint", "… and then went to the checkout", unit="visits"),
        col("purchase_sessions", "bigint", "… and then bought", unit="visits"),
        col("view_to_cart_rate", "double", "add_to_cart_visitors / product_view_visitors; null if nobody viewed"),
        col("cart_to_purchase_rate", "double", "purchase_visitors / add_to_cart_visitors; null if nobody had a cart"),
        col("view_to_purchase_rate", "double", "purchase_visitors / product_view_visitors; null if nobody viewed"),
    ],
)
def funnel_daily(events: DataFrame, sessions: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per feed and day: how many distinct visitors did what, and how far visits went in order; bots left out.

    A visit counts on the day it began and reaches a step at or after the one before. A step that the feed's kind does
    not send is null, not 0, and visits pass over it.
    """
    seen = events.groupBy("feed", "event_date").agg(*[_visitors(step, feeds) for step in STEPS])
    visits = sessions.where(~F.col("is_bot")).groupBy("feed", F.col("session_date").alias("event_date"))
    reached = visits.agg(*[_sessions(step, feeds) for step in STEPS])
    viewed, carted, bought = "product_view_visitors", "add_to_cart_visitors", "purchase_visitors"
    return seen.join(reached, on=["feed", "event_date"], how="left").select(
        "feed",
        "event_date",
        *[f"{step}_visitors" for step in STEPS],
        *[_zero_if_sent(step, feeds) for step in STEPS],
        ratio(carted, viewed).alias("view_to_cart_rate"),
        ratio(bought, carted).alias("cart_to_purchase_rate"),
        ratio(bought, viewed).alias("view_to_purchase_rate"),
    )


def _visitors(step: str, feeds: Feeds) -> Column:
    did = F.when((F.col("event_name") == step) & ~F.col("is_bot"), F.col("visitor_id"))
    return F.when(_sends(step, feeds), F.count_distinct(did)).alias(f"{step}_visitors")


def _sessions(step: str, feeds: Feeds) -> Column:
    number = F.lit(None).cast("int")
    for feed in feeds:
        sent = [each for each in STEPS if each in feed.kind.funnel_steps]
        if step in sent:
            number = F.when(F.col("feed") == feed.name, sent.index(step) + 1).otherwise(number)
    return F.count_if(F.col("steps_reached") >= number).alias(f"{step}_sessions")


def _zero_if_sent(step: str, feeds: Feeds) -> Column:
    name = f"{step}_sessions"
    return F.when(_sends(step, feeds), F.coalesce(name, F.lit(0))).alias(name)


def _sends(step: str, feeds: Feeds) -> Column:
    return F.col("feed").isin([feed.name for feed in feeds if step in feed.kind.funnel_steps])
