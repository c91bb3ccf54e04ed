from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.columns.distinct import count_distinct
from shoplake.columns.money import ratio
from shoplake.columns.web import STEPS
from shoplake.declare import Feeds, Replace, Tie, col, table
from shoplake.transforms.funnel import add_states, count_states
from shoplake.transforms.sales.sales_metrics import FUNNEL

_BEFORE = {step: [f"{each}_sessions" for each in reversed(STEPS[:place])] for place, step in enumerate(STEPS) if place}
_INCREASES = {
    step: f"greatest(coalesce({step}_sessions, 0) - coalesce({', '.join(before)}, {step}_sessions, 0), 0) AS {step}"
    for step, before in _BEFORE.items()
}
TIE = Tie(
    "more sessions reach a step than the one before",
    f"SELECT feed, event_date, {', '.join(_INCREASES.values())} FROM gold.funnel_daily",
    f"SELECT feed, event_date, {', '.join(f'0 AS {step}' for step in _INCREASES)} FROM gold.funnel_daily",
    keys=("feed", "event_date"),
    measures=tuple(_INCREASES),
)


@table(
    "gold",
    key=["feed", "event_date"],
    write=Replace(partition_by="event_date", input_partitions={"sessions": "session_date"}),
    columns=[
        col("feed", "string", "The feed"),
        col("event_date", "date", "The shop's local day"),
        col("page_view_visitors", "bigint", "Distinct visitors with a page view", unit="visitors"),
        col("product_view_visitors", "bigint", "Distinct visitors with a product view", unit="visitors"),
        col("add_to_cart_visitors", "bigint", "Distinct visitors with an add to cart", unit="visitors"),
        col("checkout_started_visitors", "bigint", "Distinct visitors with a checkout start", unit="visitors"),
        col("purchase_visitors", "bigint", "Distinct visitors with a purchase", unit="visitors"),
        col("page_view_sessions", "bigint", "Sessions started that day with a page view", unit="sessions"),
        col("product_view_sessions", "bigint", "… followed by a product view", unit="sessions"),
        col("add_to_cart_sessions", "bigint", "… followed by an add to cart", unit="sessions"),
        col("checkout_started_sessions", "bigint", "… followed by a checkout start", unit="sessions"),
        col("purchase_sessions", "bigint", "… followed by a purchase", unit="sessions"),
        col("view_to_cart_rate", "double", "add_to_cart_visitors / product_view_visitors; null without viewers"),
        col("cart_to_purchase_rate", "double", "purchase_visitors / add_to_cart_visitors; null without carts"),
        col("view_to_purchase_rate", "double", "purchase_visitors / product_view_visitors; null without viewers"),
    ],
    ties=[TIE],
    metrics=FUNNEL,
)
def funnel_daily(events: DataFrame, sessions: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per feed and day: distinct visitors per funnel step, and sessions per step in order; bots are excluded.

    A session counts on the day it starts and reaches a step at or after the one before; the numbers are those of
    `transforms.funnel` that counts sessions without a window. A step that the feed's kind
    does not send is null, not 0, and sessions skip it.
    """
    by_day = events.groupBy("feed", "event_date").agg(*[_visitors(step, feeds) for step in STEPS])
    reached = _count_sessions(sessions).groupBy("feed", "event_date").agg(*[_sessions(step, feeds) for step in STEPS])
    viewers, cart_visitors, buyers = "product_view_visitors", "add_to_cart_visitors", "purchase_visitors"
    return by_day.join(reached, on=["feed", "event_date"], how="left").select(
        "feed",
        "event_date",
        *[f"{step}_visitors" for step in STEPS],
        *[_zero_if_sent(step, feeds) for step in STEPS],
        ratio(cart_visitors, viewers).alias("view_to_cart_rate"),
        ratio(buyers, cart_visitors).alias("cart_to_purchase_rate"),
        ratio(buyers, viewers).alias("view_to_purchase_rate"),
    )


def _visitors(step: str, feeds: Feeds) -> Column:
    visitor = F.when((F.col("event_name") == step) & ~F.col("is_bot"), F.col("visitor_id"))
    return F.when(_sends(step, feeds), count_distinct(visitor)).alias(f"{step}_visitors")


def _count_sessions(sessions: DataFrame) -> DataFrame:
    """Return the funnel of the sessions of each day: one row per feed, day and step, with those that `converted`.

    A session is one attempt, which `silver.sessions` has found with its steps; none is open, because it is over.
    """
    attempts = (
        sessions.where(~F.col("is_bot"))
        .groupBy("feed", F.col("session_date").alias("event_date"), F.col("steps_reached").alias("reached"))
        .agg(F.count("*").alias("attempts"))
        .withColumn("is_open", F.lit(False))
    )
    steps = add_states(attempts, len(STEPS)).groupBy("feed", "event_date", "step")
    return steps.agg(*count_states(F.col("attempts")))


def _sessions(step: str, feeds: Feeds) -> Column:
    """Sum the sessions that reached a step, whose number depends on the steps that the feed sends."""
    number = F.lit(None).cast("int")
    for feed in feeds:
        sent = [each for each in STEPS if each in feed.kind.funnel_steps]
        if step in sent:
            number = F.when(F.col("feed") == feed.name, sent.index(step) + 1).otherwise(number)
    return F.sum(F.when(F.col("step") == number, F.col("converted"))).cast("bigint").alias(f"{step}_sessions")


def _zero_if_sent(step: str, feeds: Feeds) -> Column:
    name = f"{step}_sessions"
    return F.when(_sends(step, feeds), F.coalesce(name, F.lit(0))).alias(name)


def _sends(step: str, feeds: Feeds) -> Column:
    return F.col("feed").isin([feed.name for feed in feeds if step in feed.kind.funnel_steps])
