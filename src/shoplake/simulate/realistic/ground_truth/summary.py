"""The summary of the ground truth, `ground_truth.json`."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from shoplake.simulate.files import atomic_path
from shoplake.simulate.realistic.customers import rates
from shoplake.simulate.realistic.money import format_amount

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.simulate.realistic.orders.documents import Documents
    from shoplake.simulate.realistic.story import Story

Counts = dict[str, int]


class DaySales(TypedDict):
    """Sales of a local day in one currency, as decimal text; cancelled orders are left out of the money.

    Discounts are positive; `returns` are on the day of the refund.
    """

    orders: int
    cancelled_orders: int
    gross_sales: str
    discounts: str
    shipping: str
    returns: str
    paid: str


class RealisticGroundTruth(TypedDict):
    """The arguments, the parameters of the model, and the numbers that a correct pipeline computes from the files."""

    arguments: dict[str, object]
    parameters: dict[str, object]
    """`r`, `alpha` (business days), `a`, `b`, and the effects `gamma` and `delta` of the covariates."""
    files: Counts
    lines: Counts
    quarantined: dict[str, Counts]
    duplicates: dict[str, Counts]
    events: int
    orders: int
    cancelled_orders: int
    edited_orders: int
    guest_orders: int
    orders_without_events: int
    refunds: int
    returns_without_order: int
    sales_daily: dict[str, dict[str, DaySales]]
    """By local day and currency."""


def summarise(story: Story, documents: Documents, files: Counts, lines: Counts) -> RealisticGroundTruth:
    """Summarise a story and its files."""
    priced, placed, options = story.priced, story.placed, story.world.options
    exists = story.exists
    arguments = {
        **{name: value for name, value in vars(options).items() if name not in ("features", "starts_on")},
        "starts_on": options.starts_on.isoformat(),
        "features": sorted(options.features),
    }
    return {
        "arguments": arguments,
        "parameters": {
            **{"r": rates.R, "alpha": story.world.lives.rates.alpha, "a": rates.A, "b": rates.B},
            "gamma": dict(zip(rates.COVARIATES, rates.GAMMA.tolist(), strict=True)),
            "delta": dict(zip(rates.COVARIATES, rates.DELTA.tolist(), strict=True)),
        },
        "files": files,
        "lines": lines,
        "quarantined": {stream: {} for stream in files},  # the writer adds the faulty records
        "duplicates": {stream: {} for stream in files},
        "events": len(story.events),
        "orders": int(exists.sum()),
        "cancelled_orders": int((exists & priced.is_cancelled).sum()),
        "edited_orders": int((exists & priced.is_edited).sum()),
        "guest_orders": int((exists & (placed.customer < 0)).sum()),
        "orders_without_events": int((exists & ~np.isin(np.arange(len(placed)), story.events.order)).sum()),
        "refunds": len(story.refunds),
        "returns_without_order": sum(refund.order < 0 for refund in story.refunds),
        "sales_daily": _sales_daily(story, documents),
    }


def write_summary(landing: Path, summary: RealisticGroundTruth) -> None:
    """Write `ground_truth.json`."""
    with atomic_path(landing / "ground_truth.json") as temporary:
        temporary.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


def _sales_daily(story: Story, documents: Documents) -> dict[str, dict[str, DaySales]]:
    priced, calendar = story.priced, story.world.calendar
    names = story.world.markets.currencies
    sums: defaultdict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    goods, cancelled = priced.goods().tolist(), priced.is_cancelled.tolist()
    for order in np.flatnonzero(story.exists).tolist():
        day = sums[calendar.day_of(int(priced.at[order])), int(priced.currency[order])]
        if cancelled[order]:
            day["cancelled_orders"] += 1
            continue
        day["orders"] += 1
        day["gross_sales"] += goods[order]
        day["discounts"] += int(priced.discount[order])
        day["shipping"] += int(priced.shipping[order])
        day["paid"] += documents.paid(order)
    for refund in story.refunds:
        currency = int(priced.currency[refund.order]) if refund.order >= 0 else 0
        returned = sum(quantity * price for _, _, quantity, price in refund.lines)
        sums[calendar.day_of(refund.at), currency]["returns"] += returned
    result: dict[str, dict[str, DaySales]] = {}
    for (number, currency), totals in sorted(sums.items()):
        result.setdefault(calendar.dates[number].isoformat(), {})[names[currency]] = {
            "orders": totals["orders"],
            "cancelled_orders": totals["cancelled_orders"],
            "gross_sales": format_amount(totals["gross_sales"]),
            "discounts": format_amount(totals["discounts"]),
            "shipping": format_amount(totals["shipping"]),
            "returns": format_amount(totals["returns"]),
            "paid": format_amount(totals["paid"]),
        }
    return result
