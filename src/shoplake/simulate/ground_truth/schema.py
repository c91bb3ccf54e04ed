"""Schema of `ground_truth.json`: the numbers that a correct pipeline computes from the files, whatever their faults."""

from __future__ import annotations

from typing import TypedDict

Counts = dict[str, int]


class Arguments(TypedDict):
    """The arguments of the generator."""

    events: int
    customers: int
    products: int
    days: int
    seed: int
    error_rate: float
    starts_on: str
    timezone: str
    currency: str


class Sales(TypedDict):
    """Sales and returns of one local day. Money is decimal text."""

    orders: int
    units: int
    gross_sales: str
    discounts: str
    shipping: str
    returns: str


class Payments(TypedDict):
    """Payments by status and the sum of the paid ones as decimal text."""

    paid: int
    failed: int
    paid_total: str


class Versions(TypedDict):
    """Clean ids in the snapshots, their versions, and how many snapshots there are."""

    ids: int
    versions: int
    snapshots: int


class FilesGroundTruth(TypedDict):
    """The files written, by stream: events, customers, products, orders and refunds."""

    arguments: Arguments
    files: Counts
    """Files by stream."""
    lines: Counts
    """Raw records by stream, faulty ones included, CSV headers not."""
    faults: dict[str, Counts]
    """Faulty records by stream and kind. `late` events are moved, not added; `out_of_order` lines change places."""
    quarantined: dict[str, Counts]
    """Invalid records by stream and cause: each is extra and has an id that no clean record has, or none."""
    duplicates: dict[str, Counts]
    """Extra records that repeat an id by stream: `exact` ones, and `conflicting` ones that are later and differ."""
    customers: Versions
    products: Versions


class EventsGroundTruth(TypedDict):
    """Measures of the clean events.

    Funnel steps are page_view, product_view, add_to_cart, checkout_started and purchase.
    A session ends when its visitor has no event for more than 30 min.
    """

    events: int
    """Clean events, bots' included."""
    bot_events: int
    events_by_name: Counts
    events_daily: Counts
    """Clean events by local date of the event."""
    visitors: int
    """Distinct visitors (user_id, else anonymous_id), bots included."""
    bot_visitors: int
    sessions: int
    """Sessions, bots' included."""
    bot_sessions: int
    sessions_daily: Counts
    """Sessions, bots' included, by local date of their first event."""
    funnel_visitors: Counts
    """Distinct visitors without bots who had an event of the step in the whole period."""
    funnel_daily: dict[str, Counts]
    """The same for each local date of the event."""
    funnel_sessions_daily: dict[str, Counts]
    """Sessions without bots, by local date of their first event, that reached the step in order."""
    event_revenue: str
    """Quantity × price of the purchase events."""


class SalesGroundTruth(TypedDict):
    """Measures of the clean orders and refunds. Money is decimal text with two places."""

    orders: int
    orders_without_events: int
    """Orders by phone: in orders, but with no purchase event."""
    units: int
    gross_sales: str
    """Quantity × unit price of the orders' lines."""
    discounts: str
    shipping: str
    returns: str
    """Quantity × unit price of the refunds' lines."""
    net_sales: str
    """Gross sales - discounts - returns."""
    sales_daily: dict[str, Sales]
    """By local date of the order; returns by local date of the refund."""
    payments: Payments
    refunds: int


class GroundTruth(FilesGroundTruth, EventsGroundTruth, SalesGroundTruth):
    """Ground truth of a generated shop; days are the shop's local days (ISO dates)."""
