from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.attribution.markov import CONVERSION
from shoplake.transforms.attribution.orders import order_persons, sum_orders
from shoplake.transforms.attribution.transitions import count_transitions

STEP = ("feed", "person_id", "at", "id", "state", "day")


@table(
    "gold",
    key=["feed", "fit_month", "come_from", "go_to"],
    write=Replace(
        partition_by="fit_month",
        by_month=True,
        input_partitions={
            "order_values": "order_date",
            "purchases": "event_date",
            "session_touches": ("session_date", "ended_date"),
        },
    ),
    partition_by=["fit_month"],
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col("fit_month", "date", "First day of the month of the paths"),
        col("come_from", "string", "Marketing channel, or (start)"),
        col("go_to", "string", "Marketing channel, or (conversion) for an order, or (null) for the end without one"),
        col("transitions", "bigint", "How often a step of a path leads from the one to the other", unit="steps"),
    ],
)
def channel_transitions(order_values: DataFrame, purchases: DataFrame, session_touches: DataFrame) -> DataFrame:
    """One row per feed, month and two states that follow each other on a path of a person.

    The paths of a month are the touches of each person in it, from a start to an order, and from there on anew; a path
    without an order at its end leads to (null). An order is one of a day, and ends the path of
    its person as in `attribution_touches`; of two persons, of the one whose id sorts last. An order without touches
    before it is no path. Touches of one moment are in the order of their session ids, and before an order.
    """
    touches = session_touches.where("is_touch").select(
        "feed",
        "person_id",
        F.col("touched_at").alias("at"),
        F.col("session_id").alias("id"),
        F.col("channel").alias("state"),
        F.col("session_date").alias("day"),
    )
    persons = order_persons(sum_orders(order_values).where("has_sale"), purchases, session_touches)
    orders = persons.groupBy("feed", "order_id", "order_date").agg(
        F.max("person_id").alias("person_id"), F.min("ordered_at").alias("at")
    )
    named = orders.withColumnsRenamed({"order_id": "id", "order_date": "day"}).withColumn("state", F.lit(CONVERSION))
    counted = count_transitions(touches.select(*STEP).unionAll(named.select(*STEP)))
    return counted.select(
        "feed", F.to_date("month").alias("fit_month"), "come_from", "go_to", F.col("count").alias("transitions")
    )
