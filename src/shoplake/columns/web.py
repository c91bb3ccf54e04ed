"""Web analytics: event names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column

STEPS = ("page_view", "product_view", "add_to_cart", "checkout_started", "purchase")
"""The funnel, first step first."""

EVENT_NAMES = (*STEPS[:3], "remove_from_cart", *STEPS[3:])

SPELLINGS = {
    "view": "product_view",
    "view_product": "product_view",
    "addtocart": "add_to_cart",
    "transaction": "purchase",
}


def event_name(spelled: str) -> Column:
    """Map an event name to its canonical spelling; an unknown name stays as it is and violates `event_name_known`."""
    known = F.col(spelled)
    for spelling, name in SPELLINGS.items():
        known = F.when(F.col(spelled) == spelling, F.lit(name)).otherwise(known)
    return known
