"""Counts of the generated data, computed from arrays and not from the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import DAY, MINUTE
from shoplake.simulate.retailrocket.events import BUY, CART, VIEW
from shoplake.simulate.retailrocket.items import PUBLISH_RATES, UNKNOWN

if TYPE_CHECKING:
    from shoplake.simulate.retailrocket.events import Events
    from shoplake.simulate.retailrocket.ground_truth import Categories, Counts, EventsGroundTruth, Products
    from shoplake.simulate.retailrocket.hierarchy import CategoryTree
    from shoplake.simulate.retailrocket.items import Items
    from shoplake.simulate.rng import Ints

STEPS = {"product_view": VIEW, "add_to_cart": CART, "purchase": BUY}
SESSION_GAP = 30 * MINUTE


def count_events(events: Events, items: Items) -> EventsGroundTruth:
    """Count events, visitors, sessions and orders; revenue uses the item prices at the time of purchase."""
    is_buy = events.kind == BUY
    price = items.price_at(events.item[is_buy], events.at[is_buy])
    thousandths = int(price[price != UNKNOWN].sum())
    days, counts = np.unique(events.at // DAY, return_counts=True)
    dates = [str(day) for day in days.astype("datetime64[D]")]
    of = {step: events.kind == kind for step, kind in STEPS.items()}
    return {
        "events": len(events.at),
        "events_by_name": {step: int(which.sum()) for step, which in of.items()},
        "events_daily": dict(zip(dates, counts.tolist(), strict=True)),
        "visitors": _count_distinct(events.visitor),
        "sessions": _count_sessions(events),
        "funnel_visitors": {step: _count_distinct(events.visitor[which]) for step, which in of.items()},
        "product_funnel": {
            step: _count_distinct(events.visitor[which] * items.count + events.item[which])
            for step, which in of.items()
        },
        "orders": _count_distinct(events.order[is_buy]),
        "order_lines": len(price),
        "unpriced_lines": int((price == UNKNOWN).sum()),
        "customers": _count_distinct(events.visitor[is_buy]),
        "revenue": f"{thousandths // 1000}.{thousandths % 1000 // 10:02}",
    }


def count_items(items: Items) -> Products:
    """Count the items, their versions and changes."""
    changes = {name: int(items.published[name].sum()) for name in PUBLISH_RATES}
    return {"ids": items.count, "versions": items.versions(), "changes": changes}


def count_categories(tree: CategoryTree, faults: Counts) -> Categories:
    """Count the categories and their depth, and the orphans and circles among the faults."""
    return {
        "ids": len(tree.ids),
        "roots": int((tree.parent < 0).sum()),
        "deepest": int(tree.depth.max()),
        "orphans": faults["orphan"],
        "circles": faults["circle"],
    }


def _count_distinct(numbers: Ints) -> int:
    return len(np.unique(numbers))


def _count_sessions(events: Events) -> int:
    in_time = np.lexsort((events.at, events.visitor))
    visitor, at = events.visitor[in_time], events.at[in_time]
    goes_on = (visitor[1:] == visitor[:-1]) & (at[1:] - at[:-1] <= SESSION_GAP)
    return len(at) - int(goes_on.sum())
