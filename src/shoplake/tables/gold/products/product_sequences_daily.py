from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.products.baskets import MAX_PRODUCTS, count_members
from shoplake.transforms.products.sequences import collect_sequences


@table(
    "gold",
    key=["feed", "event_date", "viewed_id", "bought_id"],
    write=Replace(
        partition_by="event_date",
        input_partitions={"events": "event_date", "sessions": ("session_date", "ended_date")},
    ),
    partition_by=["event_date"],
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col("event_date", "date", "The shop's local day of the view and the purchase"),
        col("viewed_id", "string", "The product viewed first"),
        col("bought_id", "string", "The product bought later"),
        col("sessions", "bigint", "Sessions with the view and then the purchase", unit="sessions"),
        col(
            "buying_sessions",
            "bigint",
            "Sessions of the day in which the product is bought after a view of any other, alike for all its rows",
            unit="sessions",
        ),
    ],
)
def product_sequences_daily(events: DataFrame, sessions: DataFrame, *, max_products: int = MAX_PRODUCTS) -> DataFrame:
    """One row per feed, day, product viewed and other product bought later in the same session.

    A view at the moment of the purchase counts as before it. A product that is viewed or bought several times in a
    session counts once: by its first view and its last purchase. Bots are left out; a session over midnight is one on
    each day. Of a session with more than `max_products` viewed or bought products a fixed sample of as many counts, by
    a hash. A feed without purchase events has no rows.

    Counts add up over days; `recommendations` of the kind `next` are made of them.
    """
    sequences = collect_sequences(events, sessions, max_products).where(F.size("viewed") > 0)
    day = ["feed", "event_date", "bought_id"]
    counted = count_members(sequences, day, "viewed", member="viewed_id", count="sessions", whole="buying_sessions")
    return counted.select(*[each.name for each in product_sequences_daily.columns])
