"""Event names of a feed's own, as its settings map them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed, Feeds


def rename_events(events: DataFrame, feeds: Feeds) -> DataFrame:
    """Replace each event name by the one that the settings of its feed give it; other names stay."""
    name = F.col("event_name")
    renamed = name
    for feed in feeds:
        if feed.events:
            renamed = F.when(F.col("feed") == feed.name, mapped_name(name, feed)).otherwise(renamed)
    return events if renamed is name else events.withColumn("event_name", renamed)


def mapped_name(name: Column, feed: Feed) -> Column:
    """Return the name that an event of the feed has in silver: that of its settings, or else its own."""
    mapped = name
    for given, event_name in feed.events:
        mapped = F.when(name == given, F.lit(event_name)).otherwise(mapped)
    return mapped
