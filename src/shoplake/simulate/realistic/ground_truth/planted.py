"""Ground truth of what is planted: channels, affinities, stock-outs, price changes and anomalies.

A channel's incremental orders are those that would not exist without it: its true effect. `revenue` is goods minus
discounts of orders that are not cancelled, by currency.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.realistic.channels import CHANNELS, channels_of
from shoplake.simulate.realistic.money import UNIT, to_decimals
from shoplake.simulate.realistic.planted.anomaly_plan import BEST_SELLER, KINDS
from shoplake.simulate.realistic.planted.assortment import AFFINITY_SHARE

if TYPE_CHECKING:
    from shoplake.simulate.realistic.story import Story


def channels_table(story: Story) -> pa.Table:
    """Return one row per channel and currency with the orders that it led to."""
    placed, priced, names = story.placed, story.priced, story.world.markets.currencies
    sold = np.flatnonzero(story.exists & ~priced.is_cancelled & (placed.lead >= 0))
    revenue = (priced.goods() - priced.discount)[sold]
    group = placed.lead[sold] * len(names) + priced.currency[sold]
    size, incremental = len(CHANNELS) * len(names), placed.is_incremental[sold]
    orders, caused = np.bincount(group, minlength=size), np.bincount(group[incremental], minlength=size)
    money, caused_money = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    np.add.at(money, group, revenue)
    np.add.at(caused_money, group[incremental], revenue[incremental])
    there = np.flatnonzero(orders)
    all_channels = channels_of(story.world.options)
    channels = [all_channels[each] for each in (there // len(names)).tolist()]
    return pa.table(
        {
            "source": pa.array([channel.source for channel in channels], pa.string()),
            "medium": pa.array([channel.medium for channel in channels], pa.string()),
            "campaign": pa.array([channel.campaign for channel in channels], pa.string()),
            "currency": pa.array([names[each] for each in (there % len(names)).tolist()], pa.string()),
            "incrementality": pa.array([channel.incrementality for channel in channels], pa.float64()),
            "orders": pa.array(orders[there]),
            "incremental_orders": pa.array(caused[there]),
            "revenue": to_decimals(money[there]),
            "incremental_revenue": to_decimals(caused_money[there]),
        }
    )


def affinities_table(story: Story) -> pa.Table:
    """Return one row per planted pair: who buys `product_id` adds `companion_id` with the given probability."""
    catalogue = story.world.catalogue
    pairs = catalogue.assortment.affinities
    return pa.table(
        {
            "product_id": pa.array([catalogue.ids[pair.product] for pair in pairs], pa.string()),
            "companion_id": pa.array([catalogue.ids[pair.companion] for pair in pairs], pa.string()),
            "probability": pa.array([AFFINITY_SHARE for _ in pairs], pa.float64()),
        }
    )


def stockouts_table(story: Story) -> pa.Table:
    """Return one row per stock-out; nobody orders the product from `starts_at` up to, not including, `ends_at`."""
    catalogue, time = story.world.catalogue, pa.timestamp("ms", "UTC")
    stockouts = catalogue.assortment.stockouts
    return pa.table(
        {
            "product_id": pa.array([catalogue.ids[each.product] for each in stockouts], pa.string()),
            "starts_at": pa.array([each.starts_at for each in stockouts], time),
            "ends_at": pa.array([each.ends_at for each in stockouts], time),
        }
    )


def price_changes_table(story: Story) -> pa.Table:
    """Return one row per change of a list price, in the shop's currency."""
    catalogue = story.world.catalogue
    later = np.flatnonzero(catalogue.product[1:] == catalogue.product[:-1]) + 1
    changed = later[catalogue.price[later] != catalogue.price[later - 1]]
    return pa.table(
        {
            "product_id": pa.array([catalogue.ids[each] for each in catalogue.product[changed].tolist()], pa.string()),
            "changed_at": pa.array(catalogue.valid_from[changed], pa.timestamp("ms", "UTC")),
            "price_before": to_decimals(catalogue.price[changed - 1]),
            "price_after": to_decimals(catalogue.price[changed]),
        }
    )


def anomalies_table(story: Story) -> pa.Table:
    """Return one row per anomaly: its days, the measure and segment it moves, where to and by how much.

    `moved` is what is missing (below 0) or too much in the measure on these days: orders, events, sessions or gross
    sales; null where it is unknown. `segment` is empty where all of the shop is concerned.
    """
    planned, dates = story.world.planned, story.world.calendar.dates
    catalogue, moved = story.world.catalogue, story.anomalies.moved
    best_seller = f"product={catalogue.ids[int(catalogue.popularity.ranked()[0])]}"
    kinds = [KINDS[each.kind] for each in planned]
    units = {"gross_sales": UNIT}
    amounts = [
        None if kind.measure == "units" else moved[each.kind] / units.get(kind.measure, 1)
        for kind, each in zip(kinds, planned, strict=True)
    ]
    segments = [best_seller if kind.segment == BEST_SELLER else kind.segment for kind in kinds]
    return pa.table(
        {
            "kind": pa.array([each.kind for each in planned], pa.string()),
            "first_date": pa.array([dates[each.first_day] for each in planned], pa.date32()),
            "last_date": pa.array([dates[each.last_day] for each in planned], pa.date32()),
            "measure": pa.array([kind.measure for kind in kinds], pa.string()),
            "segment": pa.array(segments, pa.string()),
            "direction": pa.array([kind.direction for kind in kinds], pa.string()),
            "moved": pa.array(amounts, pa.float64()),
        }
    )
