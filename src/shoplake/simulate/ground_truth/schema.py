"""What is true of the files dropped, whatever dirt lies in them."""

from __future__ import annotations

from typing import TypedDict

Counts = dict[str, int]


class Arguments(TypedDict):
    """What the shop was generated with."""

    events: int
    customers: int
    products: int
    days: int
    seed: int
    dirt: float
    starts_on: str
    timezone: str
    currency: str


class Sales(TypedDict):
    """What was sold on one local day, and what came back on it. Money is decimal text."""

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


class FilesTruth(TypedDict):
    """What was dropped: streams are events, customers, products, orders and refunds."""

    arguments: Arguments
    files: Counts
    """Files by stream."""
    lines: Counts
    """Raw records by stream, dirty ones included, CSV headers not."""
    dirt: dict[str, Counts]
    """Dirty records by stream and kind. `late` events were moved, not added; `out_of_order` lines changed places."""
    quarantined: dict[str, Counts]
    """Bad records by stream and cause: each is extra and has an id that no clean record has, or none."""
    duplicates: dict[str, Counts]
    """Extra records that repeat an id by stream: `exact` ones, and `conflicting` ones that are later and differ."""
    customers: Versions
    products: Versions


class TrafficTruth(TypedDict):
    """What the clean events tell.

    Steps of the funnel are page_view, product_view, add_to_cart, checkout_started and purchase.
    A visit ends when none of its visitor's events follows for more than 30 min.
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
    """Visits, bots' included."""
    bot_sessions: int
    sessions_daily: Counts
    """Visits, bots' included, by local date of their first event."""
    funnel_visitors: Counts
    """Distinct visitors without bots who had an event of the step in the whole period."""
    funnel_daily: dict[str, Counts]
    """The same for each local date of the event."""
    funnel_sessions_daily: dict[str, Counts]
    """Visits without bots, by local date of their first event, that reached the step in order."""
    event_revenue: str
    """Quantity × price of the purchase events."""


class SalesTruth(TypedDict):
    """What the clean orders and refunds tell. Money is decimal text with two places."""

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


class Truth(FilesTruth, TrafficTruth, SalesTruth):
    """The numbers that a correct pipeline finds in the files; days are the shop's local days (ISO dates)."""
