from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import RebuildKeys, Replace, Tie, col, table
from shoplake.tables.gold.attribution.session_touches import WINDOW_DAYS
from shoplake.transforms.attribution.credits import add_credits
from shoplake.transforms.attribution.models import MODELS
from shoplake.transforms.attribution.orders import order_key, order_persons, sum_orders
from shoplake.transforms.known_columns import select_distinct
from shoplake.transforms.sales.changed_orders import BY_SESSION, BY_WEIGHT, ORDER
from shoplake.transforms.sales.channels import is_paid

NONE = "(none)"
"""Channel of an order without a touch."""
DAY = 86_400_000_000
SESSION = ("session_id", "touched_at", "channel", "source", "medium", "campaign")
KEPT = {
    **dict.fromkeys(("feed", "order_id"), "string"),
    **dict.fromkeys(("touch_number", "touches"), "int"),
    **{"order_date": "date", "ordered_at": "timestamp", "currency": "string", "session_id": "string"},
    **{"touched_at": "timestamp", "days_before": "double"},
    **dict.fromkeys(("channel", "source", "medium", "campaign"), "string"),
    **{"is_direct": "boolean", "is_new_customer": "boolean", "orders": "int"},
    **dict.fromkeys(("revenue", "net_revenue"), money.UNIT),
}
"""Columns that the credits are added to, with their types."""
CREDITS = tuple(f"revenue_{model}" for model in MODELS)
TIE = Tie(
    "credits of a model do not add up to the revenue of the order",
    f"SELECT feed, order_id, order_date, currency, {', '.join(CREDITS)} FROM gold.attribution_touches",
    f"SELECT feed, order_id, order_date, currency, {', '.join(f'net AS {name}' for name in CREDITS)} "
    "FROM gold.order_values WHERE kind IN ('sale', 'discount') AND NOT is_cancelled",
    keys=("feed", "order_id", "order_date", "currency"),
    measures=CREDITS,
)


@table(
    "gold",
    key=["feed", "order_id", "order_date", "currency", "touch_number"],
    write=Replace(
        partition_by="order_date",
        input_partitions={
            "purchases": "event_date",
            "session_touches": ("session_date", "last_order_date"),
            "attribution_weights": ("first_date", "last_date"),
        },
        rebuild_keys=RebuildKeys(
            ORDER,
            dict.fromkeys(("order_values", "purchases"), ORDER),
            {"session_touches": BY_SESSION, "attribution_weights": BY_WEIGHT},
        ),
    ),
    partition_by=["order_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("order_id", "string", "The order"),
        col(
            "touch_number",
            "int",
            "Number of the touch in the order, the earliest is 1; 0 without a touch",
            unit="touches",
        ),
        col("touches", "int", "Touches of the order", unit="touches"),
        col("order_date", "date", "The shop's local day of the order"),
        col("ordered_at", "timestamp", "Time of the order", unit="UTC"),
        col("currency", "string", "ISO 4217 code of the order"),
        col("session_id", "string", "The session; null without a touch"),
        col("touched_at", "timestamp", "Start of the session", unit="UTC"),
        col("days_before", "double", "Time from the touch to the order", unit="days"),
        col("channel", "string", "Marketing channel; (none) without a touch"),
        col("source", "string", "utm_source of the session"),
        col("medium", "string", "utm_medium of the session"),
        col("campaign", "string", "utm_campaign of the session"),
        col("is_direct", "boolean", "Whether the channel is direct"),
        col("is_new_customer", "boolean", "Whether it is the customer's first order; null for a guest"),
        col("orders", "int", "1 for an order with a sale, 0 for a discount alone", unit="orders"),
        col("revenue", "decimal(18,4)", "gross - discount of the whole order", unit="currency"),
        col("net_revenue", "decimal(18,4)", "revenue less all returns of the order", unit="currency"),
        *[
            col(f"weight_{model}", "decimal(18,6)", f"Share of the order by `{model}`", unit="ratio")
            for model in MODELS
        ],
        *[
            col(f"revenue_{model}", "decimal(18,4)", f"Revenue credited by `{model}`", unit="currency")
            for model in MODELS
        ],
        *[
            col(f"net_revenue_{model}", "decimal(18,4)", f"Net revenue credited by `{model}`", unit="currency")
            for model in MODELS
        ],
    ],
    ties=[TIE],
)
def attribution_touches(
    order_values: DataFrame,
    purchases: DataFrame,
    session_touches: DataFrame,
    attribution_weights: DataFrame,
) -> DataFrame:
    """One row per touch of an order: a session of the person at or before the order, at most 30 days before.

    The persons of an order are its customer and the person of the session of its purchase event. An order without a
    touch is one row of channel (none), so that no revenue is lost, and each order credits its own touches only. The
    revenue is that of the order, not of its events. Credits add up to it exactly in each model.

    Models: `first`, `last`; `last_non_direct`, the last touch unless another than direct exists; `last_paid`, which
    falls back to it; `linear`; `position`, 40 % for the first and the last touch and 20 % for those between;
    `decay`, half the weight for every 7 days before the order; `data_driven`, by the removal effects of
    `attribution_weights`. Google Analytics has the half-life and the window too, but ignores direct touches in all
    models but its own last click; PostHog has a quarter of the window for the half-life.
    """
    orders = sum_orders(order_values).withColumn("_order", order_key())
    found = _find_touches(order_persons(orders, purchases, session_touches), session_touches)
    numbered = _number_touches(orders.join(found, on="_order", how="left"))
    return add_credits(_add_effects(numbered, attribution_weights), ["_order"], KEPT)


def _find_touches(persons: DataFrame, session_touches: DataFrame) -> DataFrame:
    """Return the sessions of the persons of each order in its window, each once."""
    touches = session_touches.where("is_touch").select("feed", "person_id", *SESSION)
    age = F.unix_micros("ordered_at") - F.unix_micros("touched_at")
    joined = persons.select("feed", "person_id", "_order", "ordered_at").join(touches, on=["feed", "person_id"])
    return select_distinct(joined.where(age.between(0, WINDOW_DAYS * DAY)), ("_order", *SESSION))


def _number_touches(rows: DataFrame) -> DataFrame:
    """Add the number of each touch in its order by time, at one time by session; without touches it is 0."""
    of_order = Window.partitionBy("_order")
    number = F.row_number().over(of_order.orderBy("touched_at", "session_id"))
    age = F.unix_micros("ordered_at") - F.unix_micros("touched_at")
    channel = F.coalesce("channel", F.lit(NONE))
    return rows.select(
        *("_order", "feed", "order_id", "order_date", "ordered_at", "currency", "is_new_customer"),
        *("revenue", "net_revenue", "session_id", "touched_at", "source", "medium", "campaign"),
        F.col("has_sale").cast("int").alias("orders"),
        F.when(F.col("session_id").isNull(), 0).otherwise(number).cast("int").alias("touch_number"),
        F.count("session_id").over(of_order).cast("int").alias("touches"),
        (age.cast("double") / F.lit(float(DAY))).alias("days_before"),
        F.coalesce(age, F.lit(0)).alias("age"),
        channel.alias("channel"),
        (channel == "direct").alias("is_direct"),
        is_paid(channel).alias("is_paid"),
        money.minor_unit("currency").alias("step"),
    )


def _add_effects(rows: DataFrame, attribution_weights: DataFrame) -> DataFrame:
    """Add the removal effect of each touch's channel that is used for the day of the order; 0 without one."""
    effects = attribution_weights.select(
        F.col("feed").alias("_feed"), F.col("channel").alias("_channel"), "first_date", "last_date", "removal_effect"
    )
    is_same = (F.col("feed") == F.col("_feed")) & (F.col("channel") == F.col("_channel"))
    is_valid = F.col("order_date").between(F.col("first_date"), F.col("last_date"))
    return rows.join(effects, on=is_same & is_valid, how="left").withColumn(
        "effect", F.coalesce("removal_effect", F.lit(0.0))
    )
