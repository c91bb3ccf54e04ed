"""The arguments of the realistic shop."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from shoplake.simulate.arguments import check_least
from shoplake.simulate.zenith.shop import Shop

if TYPE_CHECKING:
    from datetime import date

FEATURES = {
    "corrections": "cancelled and edited orders, returns of orders from before the first day",
    "currencies": "several countries and currencies, with exchange rates",
    "channels": "ad spend, and referrals by payment providers and by the shop itself",
    "products": "products that are bought together, stock-outs, prices with parts of a cent",
    "anomalies": "twelve kinds of unusual days, such as outages, a campaign and a bank holiday",
    "reconciliation": "events, orders and payments that differ, each cause in one order of a hundred",
    "identity": "logins in mid visit, several and shared devices, twins by e-mail, an e-mail that changes owner",
    "injections": "product names, campaigns and landing pages that are scripts, templates, formulas or SQL",
}
"""What can be switched on, by name."""
DEFAULT_FEATURES = tuple(name for name in FEATURES if name != "injections")
ORDERS_PER_CUSTOMER = 10
BUYER_SHARE = 0.85
GUEST_SHARE = 0.06
DEFAULT_EVENTS_PER_ORDER = 14
DAILY_FILES_UP_TO = 92
"""Longer periods have one file a week instead of one a day."""


@dataclass(frozen=True)
class Options:
    """The validated arguments; equal arguments give equal bytes.

    `events` is the approximate number of events; 0 writes none.
    """

    orders: int
    customers: int
    products: int
    days: int
    seed: int
    events: int
    starts_on: date
    timezone: str
    currency: str
    features: frozenset[str] = field(default_factory=frozenset)
    error_rate: float = 0.0

    def __post_init__(self) -> None:
        self.shop()
        if self.error_rate and self.days_per_file > 1:
            raise ValueError(f"error_rate needs daily files: at most {DAILY_FILES_UP_TO} days, not {self.days}.")
        check_least(self, {"orders": 1, "events": 0})
        if self.orders > ORDERS_PER_CUSTOMER * self.customers:
            most = ORDERS_PER_CUSTOMER * self.customers
            raise ValueError(f"orders must be at most {most} with {self.customers} customers, not {self.orders}.")
        for name in sorted(self.features - FEATURES.keys()):
            near = get_close_matches(name, FEATURES, n=1)
            meant = f"Did you mean '{near[0]}'?" if near else f"Choose from {', '.join(FEATURES)}."
            raise ValueError(f"Unknown feature '{name}'. {meant}")

    def shop(self) -> Shop:
        """Return the arguments that this shop shares with the simple one."""
        return Shop(
            events=max(self.events, 1),
            customers=self.customers,
            products=self.products,
            days=self.days,
            seed=self.seed,
            error_rate=self.error_rate,
            starts_on=self.starts_on,
            timezone=self.timezone,
            currency=self.currency,
        )

    def has(self, feature: str) -> bool:
        """Whether a feature is switched on."""
        return feature in self.features

    @property
    def guest_orders(self) -> int:
        """Orders of people without an account."""
        return round(self.orders * GUEST_SHARE)

    @property
    def buyers(self) -> int:
        """Customers who order at least once."""
        return max(1, min(round(self.customers * BUYER_SHARE), (self.orders - self.guest_orders) // 2))

    @property
    def days_per_file(self) -> int:
        """The number of local days in each file of events, orders and refunds."""
        return 1 if self.days <= DAILY_FILES_UP_TO else 7
