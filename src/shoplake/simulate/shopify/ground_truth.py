"""Schema of `ground_truth.json` of Shopify files: what a correct pipeline computes, whatever the files' faults."""

from __future__ import annotations

from typing import TypedDict

Counts = dict[str, int]
STREAMS = ("orders", "transactions", "refunds", "products", "customers")
EXPORT_STREAMS = ("orders_export", "products", "customers")
"""The streams of a shop whose orders are exported by its admin."""


class Arguments(TypedDict):
    """The arguments of the generator."""

    orders: int
    customers: int
    products: int
    days: int
    seed: int
    error_rate: float
    starts_on: str
    timezone: str
    currency: str
    export: bool


class Sales(TypedDict):
    """Sales and returns of one local day in the shop's currency. Money is decimal text.

    An edited order counts as edited; a cancelled one only in the last two; a test order nowhere.
    """

    orders: int
    """Orders with goods; a gift card is other."""
    customers: int
    units: int
    gross_sales: str
    discounts: str
    returns: str
    net_sales: str
    tax: str | None
    """Tax of all lines, negative in returns; None on a day without any. An export has only tax on top of its prices."""
    shipping: str
    other: str
    cancelled_orders: int
    cancelled_sales: str


class Payments(TypedDict):
    """Movements of money of one local day and currency, and what was paid and paid back as decimal text."""

    paid: int
    pending: int
    failed: int
    refunded: int
    paid_total: str
    refunded_total: str


class Versions(TypedDict):
    """Ids, and the versions that their bodies make."""

    ids: int
    versions: int


class GroundTruth(TypedDict):
    """Ground truth of a generated shop; days are the shop's local days (ISO dates)."""

    arguments: Arguments
    files: Counts
    """Files by stream."""
    lines: Counts
    """Records by stream, faulty ones included; of an export its rows without the header."""
    quarantined: dict[str, Counts]
    """Invalid records by stream and cause; `test` are those of test orders, which are there whatever the error rate."""
    duplicates: dict[str, Counts]
    """Records that are sent again by stream: `exact` ones, and `stale` ones, older than what is known."""
    orders: int
    """Orders without test orders."""
    edited_orders: int
    cancelled_orders: int
    test_orders: int
    refunds: int
    sales_daily: dict[str, Sales]
    """By local date of the order; returns by local date of the refund. Days without any are left out."""
    payments_daily: dict[str, dict[str, Payments]]
    """By local date and by the currency that the customer pays in."""
    products: Versions
    customers: Versions
