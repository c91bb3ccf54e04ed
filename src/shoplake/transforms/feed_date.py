"""The local day of the shop of each feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.time import local_date

if TYPE_CHECKING:
    from pyspark.sql import Column

    from shoplake.declare import Feeds


def feed_date(at: str, feeds: Feeds) -> Column:
    """Return the local day of a UTC time in the timezone of the row's feed; null for a feed that is not configured."""
    days = [F.when(F.col("feed") == feed.name, local_date(F.col(at), feed.timezone)) for feed in feeds]
    return F.coalesce(*days, F.lit(None).cast("date"))
