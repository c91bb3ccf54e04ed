"""Counts of what was generated, taken from the numbers and not from the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import DAY, MINUTE
from shoplake.simulate.retailrocket.events import BUY, CART, VIEW
from shoplake.simulate.retailrocket.items import RATES, UNKNOWN

if TYPE_CHECKING:
    from shoplake.simulate.retailrocket.events import Events
    from shoplake.simulate.retailrocket.ground_truth import Categories, Counts, EventsTruth, Products
    from shoplake.simulate.retailrocket.hierarchy import Tree
    from shoplake.simulate.retailrocket.items import Items
    from shoplake.simulate.rng import Ints

STEPS = {"product_view": VIEW, "add_to_cart": CART, "purchase": BUY}
PAUSE = 30 * MINUTE


def of_events(events: Events, items: Items) -> EventsTruth:
    """What the events tell, with the prices of the items bought."""
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
        "visitors": _different(events.visitor),
        "sessions": _visits(events),
        "funnel_visitors": {step: _different(events.visitor[which]) for step, which in of.items()},
        "product_funnel": {
            step: _different(events.visitor[which] * items.count + events.item[which]) for step, which in of.items()
        },
        "orders": _different(events.order[is_buy]),
        "order_lines": len(price),
        "unpriced_lines": int((price == UNKNOWN).sum()),
        "customers": _different(events.visitor[is_buy]),
        "revenue": f"{thousandths // 1000}.{thousandths % 1000 // 10:02}",
    }


def of_items(items: Items) -> Products:
    """How many items there are, their versions and changes."""
    changes = {name: int(items.told[name].sum()) for name in RATES}
    return {"ids": items.count, "versions": items.versions(), "changes": changes}


def of_tree(tree: Tree, dirt: Counts) -> Categories:
    """How many categories there are and how deep they lie; the dirt's orphans and circles are counted beside them."""
    return {
        "ids": len(tree.ids),
        "roots": int((tree.parent < 0).sum()),
        "deepest": int(tree.depth.max()),
        "orphans": dirt["orphan"],
        "circles": dirt["circle"],
    }


def _different(numbers: Ints) -> int:
    return len(np.unique(numbers))


def _visits(events: Events) -> int:
    in_time = np.lexsort((events.at, events.visitor))
    visitor, at = events.visitor[in_time], events.at[in_time]
    goes_on = (visitor[1:] == visitor[:-1]) & (at[1:] - at[:-1] <= PAUSE)
    return len(at) - int(goes_on.sum())
