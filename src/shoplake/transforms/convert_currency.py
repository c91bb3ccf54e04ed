"""Money in the currency of its feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column

    from shoplake.declare import Feeds


def feed_currency(feeds: Feeds) -> Column:
    """Return the currency of a row's feed; null for a feed without one."""
    own = [F.when(F.col("feed") == feed.name, F.lit(feed.currency).cast("string")) for feed in feeds]
    return F.coalesce(*own, F.lit(None).cast("string"))


def line_currency(feeds: Feeds) -> Column:
    """Return a row's `currency` in capitals, or else that of its feed."""
    return F.coalesce(F.upper("currency"), feed_currency(feeds))
