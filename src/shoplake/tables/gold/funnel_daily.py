from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.columns.money import ratio
from shoplake.columns.web import STEPS
from shoplake.declare import Feeds, Replace, col, table


@table(
    "gold",
    key=["feed", "event_date"],
    write=Replace(by="event_date"),
    columns=[
        col("feed", "string", "Which shop's stream"),
        col("event_date", "date", "The shop's local day"),
        col("page_view_visitors", "bigint", "Visitors who saw a page", unit="visitors"),
        col("product_view_visitors", "bigint", "Visitors who saw a product", unit="visitors"),
        col("add_to_cart_visitors", "bigint", "Visitors who put something into the cart", unit="visitors"),
        col("checkout_started_visitors", "bigint", "Visitors who went to the checkout", unit="visitors"),
        col("purchase_visitors", "bigint", "Visitors who bought", unit="visitors"),
        col("view_to_cart_rate", "double", "add_to_cart_visitors / product_view_visitors; null if nobody viewed"),
        col("cart_to_purchase_rate", "double", "purchase_visitors / add_to_cart_visitors; null if nobody had a cart"),
        col("view_to_purchase_rate", "double", "purchase_visitors / product_view_visitors; null if nobody viewed"),
    ],
)
def funnel_daily(events: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row a feed and day: how many distinct visitors did what, bots left out.

    A step that the feed's kind does not send is null, not 0.
    """
    people = events.where(~F.col("is_bot"))
    counted = people.groupBy("feed", "event_date").agg(
        *[_visitors(step, [feed.name for feed in feeds if step in feed.kind.steps]) for step in STEPS]
    )
    viewed, carted, bought = "product_view_visitors", "add_to_cart_visitors", "purchase_visitors"
    return counted.select(
        "feed",
        "event_date",
        *[f"{step}_visitors" for step in STEPS],
        ratio(carted, viewed).alias("view_to_cart_rate"),
        ratio(bought, carted).alias("cart_to_purchase_rate"),
        ratio(bought, viewed).alias("view_to_purchase_rate"),
    )


def _visitors(step: str, sent_by: list[str]) -> Column:
    did = F.count_distinct(F.when(F.col("event_name") == step, F.col("visitor_id")))
    return F.when(F.col("feed").isin(sent_by), did).alias(f"{step}_visitors")
