"""Customers, some of whom move to another town."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.simulate.shopify.shop import DAY, MARKET_SHARE, MARKETS, Market

if TYPE_CHECKING:
    from shoplake.simulate.shopify.shop import Shop

FIRST_ID = 7_100_000_000
TOWNS = {
    "GB": ("Leeds", "Bristol", "York", "Bath"),
    "DE": ("Köln", "Kassel", "Ulm"),
    "US": ("Portland", "Austin", "Salem"),
}
MOVE_RATE = 0.1
FIRST_NAMES = ("Ada", "Bo", "Chidi", "Dana", "Émile", "Farah", "Grace")
LAST_NAMES = ("Okafor", "Smith", "Müller", "Ó Briain", "Nguyen")


@dataclass(frozen=True)
class Customer:
    """A customer; `towns` are (since, town) in order of time."""

    number: int
    first_name: str
    last_name: str
    market: Market
    signed_up_at: int
    towns: tuple[tuple[int, str], ...]

    @property
    def id(self) -> int:
        """The customer's id."""
        return FIRST_ID + self.number

    @property
    def email(self) -> str:
        """The customer's address, which is nobody else's."""
        return f"customer{self.number}@example.com"


def draw_customers(shop: Shop) -> list[Customer]:
    """Draw the customers, who signed up in the year before the first day."""
    rng = shop.rng("customers")
    customers = []
    for number in range(shop.customers):
        [market] = rng.choices(MARKETS, MARKET_SHARE)
        signed_up_at = shop.starts[0] - rng.randrange(1, 365 * DAY)
        first, second = rng.sample(TOWNS[market.country], 2)
        towns = [(signed_up_at, first)]
        if rng.random() < MOVE_RATE:
            towns.append((rng.randrange(shop.starts[0], shop.ends_at), second))
        names = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
        customers.append(Customer(number, *names, market, signed_up_at, tuple(towns)))
    return customers


def customer_body(shop: Shop, customer: Customer, at: int) -> dict[str, Any]:
    """Return the body of a customer as of a change of the address."""
    town = max(each for each in customer.towns if each[0] <= at)[1]
    return {
        "id": customer.id,
        "email": customer.email,
        "phone": None,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "created_at": shop.local_time(customer.signed_up_at).isoformat(),
        "updated_at": shop.local_time(at).isoformat(),
        "state": "enabled",
        "default_address": {"city": town, "country_code": customer.market.country, "phone": ""},
    }
