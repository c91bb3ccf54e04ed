"""Event names of a feed's own, as its settings map them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare import Feeds


def rename_events(events: DataFrame, feeds: Feeds) -> DataFrame:
    """Replace each event name by the one that the settings of its feed give it; other names stay."""
    name = F.col("event_name")
    renamed = name
    for feed in feeds:
        for given, event_name in feed.events:
            is_given = (F.col("feed") == feed.name) & (name == given)
            renamed = F.when(is_given, F.lit(event_name)).otherwise(renamed)
    return events if renamed is name else events.withColumn("event_name", renamed)
