"""Events, products, customers, rates and costs of a nasty shop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .times import DAY, GAPS, MICROSECOND, MINUTE, as_text, moment

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from datetime import date

    from .shop import Shop

NAMES = ("page_view", "product_view", "add_to_cart", "remove_from_cart", "checkout_started", "purchase", "purchase")
NAMES += ("view", "view_product", "addtocart", "transaction")
PRICES = (0, "0.00", "9.99", 9.99, "0.0001", "3.3333", "1234.5678", 0.005, "1.005", "100", "19.95", "0.01", "7.125")
PAGES = (None, "", "/", "https://shop.example/", "https://shop.example/p/1?x=1", "/cart", "/Checkout#a", "/search?q=a")
PAGES += ("foo", "/account", "https://shop.example/collections/a", "//cdn/x")
AGENTS = (None, None, "", "Mozilla/5.0 (X11; Linux x86_64)", "Googlebot/2.1 (+http://www.google.com/bot.html)")
SOURCES = (None, None, "", "google", "Google", "facebook", "newsletter", "paypal", "shop.example", "(direct)", "x")
MEDIA = (None, None, "", "cpc", "CPC", "email", "organic", "referral", "(none)", "social", "affiliate", "weird")
OTHER_CODES = ("GBP", "EUR", "JPY", "KWD", "USD", "eur", "XXX", "ISK")
WINDOW = (7 * DAY, -7 * DAY, 8 * DAY, -8 * DAY, 7 * DAY + MICROSECOND, -7 * DAY - MICROSECOND)
"""Around the days within which repeats of an event are looked for."""


def some(chance: random.Random, pool: Sequence[Any], nothing: float) -> Any:
    """One of the pool, or at times nothing."""
    return None if chance.random() < nothing else chance.choice(pool)


def code(shop: Shop) -> str | None:
    """The currency of a record: the shop's, in either case or left out, or another."""
    own = (None, None, shop.currency, shop.currency, shop.currency.lower())
    return shop.chance.choice((*own, shop.chance.choice(OTHER_CODES)))


def without_nulls(shop: Shop, record: dict[str, Any]) -> dict[str, Any]:
    """The record, at times without the fields that are null."""
    return {name: value for name, value in record.items() if value is not None or shop.chance.random() < 0.8}


def visitor(shop: Shop) -> dict[str, Any]:
    user, device = some(shop.chance, shop.customers, 0.5), some(shop.chance, shop.devices, 0.2)
    return {"user_id": user, "anonymous_id": device if user or device else shop.devices[0]}


def events(shop: Shop, count: int) -> list[dict[str, Any]]:
    """Events one after the other, some twice, and some again at another time with another content."""
    chance, at, who, found = shop.chance, moment(shop.chance, shop.instants), visitor(shop), list[dict[str, Any]]()
    for number in range(count):
        who = visitor(shop) if chance.random() < 0.2 else who
        at = moment(chance, shop.instants) if chance.random() < 0.2 else at + chance.choice(GAPS)
        record = event(shop, number) | who | {"event_ts": as_text(chance, at)}
        found += [record] * (2 if chance.random() < 0.08 else 1)
        if chance.random() < 0.08:
            shifts = (30 * MINUTE, -30 * MINUTE, DAY, MICROSECOND, *(WINDOW if shop.by_arrival else ()))
            found.append(record | visitor(shop) | {"event_ts": as_text(chance, at + chance.choice(shifts))})
    return found


def event(shop: Shop, number: int) -> dict[str, Any]:
    chance = shop.chance
    name = chance.choice(NAMES)
    record = {
        "event_id": f"{chance.choice('eE')}{number}",
        "event_name": name,
        "session_id": some(chance, ("s1", "s2"), 0.2),
        "product_id": some(chance, shop.products, 0.1),
        "price": some(chance, PRICES, 0.1),
        "quantity": chance.choice((None, 1, 1, 2, 3, "4", chance.choice((0, 1, 1)))),
        "order_id": some(chance, shop.orders, 0.3 if name in ("purchase", "transaction") else 0.9),
        "currency": code(shop),
        "device": chance.choice(("mobile", "desktop", "Mobile")),
        "platform": some(chance, ("web", "ios"), 0.4),
        "page_url": chance.choice(PAGES),
        "user_agent": chance.choice(AGENTS),
        "utm_source": chance.choice(SOURCES),
        "utm_medium": chance.choice(MEDIA),
        "utm_campaign": chance.choice((None, "spring", "Spring", "", "(none)")),
    }
    return without_nulls(shop, record)


def customer(shop: Shop, name: str) -> list[str]:
    chance = shop.chance
    signup, place = chance.choice(("2024-02-29", "", "2011-12-30")), chance.choice(("London", "", "a,b", 'q"q'))
    updated_at = as_text(chance, moment(chance, shop.instants))
    return [name, signup, place, chance.choice(("a@b.co", "")), chance.choice(("", "+44")), updated_at]


def customer_change(shop: Shop) -> dict[str, Any]:
    facts = {"location": some(shop.chance, ("London", "Apia"), 0.3), "email": some(shop.chance, ("a@b.co",), 0.3)}
    return _change(shop) | {"customer_id": shop.chance.choice(shop.customers)} | facts


def product(shop: Shop, name: str) -> dict[str, str | None]:
    chance = shop.chance
    category = some(chance, ("kitchen", "Kitchen", "garden"), 0.2)
    price, cost = some(chance, ("9.99", "0.00", "12.3456", "100"), 0.2), some(chance, ("4.5", "0", "7.7777"), 0.2)
    updated_at = as_text(chance, moment(chance, shop.instants))
    facts = {"product_name": some(chance, ("Tea", "tea"), 0.3), "category": category, "price": price, "cost": cost}
    return {"product_id": name, **facts, "updated_at": updated_at}


def product_change(shop: Shop) -> dict[str, Any]:
    chance = shop.chance
    return product(shop, chance.choice(shop.products)) | {"updated_at": None} | _change(shop)


def _change(shop: Shop) -> dict[str, Any]:
    chance = shop.chance
    at = as_text(chance, moment(chance, shop.instants))
    return {"op": chance.choice(("insert", "update", "delete", "UPDATE")), "sequence": some(chance, (1, 2, 3), 0.2)} | {
        "changed_at": at
    }


def rates(shop: Shop, days: Sequence[date]) -> list[list[str]]:
    """Rates of some currencies on some days, at times two of a day, or of the shop's own currency."""
    chance, found = shop.chance, list[list[str]]()
    for name in ("GBP", "EUR", "JPY", "KWD", "USD", "ISK"):
        if chance.random() < (0.8 if name == shop.currency else 0.3):
            continue
        for day in chance.sample(days, chance.randint(1, 4)):
            for _ in range(chance.choice((1, 1, 2))):
                updated_at = f"2025-05-01T00:00:{len(found) % 60:02}Z"
                rate = chance.choice(("0.85", "0.0067", "3.1234567891", "1", "150.5", "2"))
                is_dated = not shop.by_arrival or chance.random() < 0.7
                found.append([day.isoformat(), chance.choice((name, name.lower())), rate, updated_at * is_dated])
    return found


def cost(shop: Shop, days: Sequence[date], number: int) -> list[str]:
    chance = shop.chance
    where = [chance.choice(("google", "facebook", "Google")), chance.choice(("cpc", "CPC", "email"))]
    campaign, amount = chance.choice(("", "spring", "Spring")), chance.choice(("12.5", "0", "3.3333"))
    of = [amount, chance.choice(("", shop.currency, "eur")), chance.choice(("", "5")), ""]
    return [chance.choice(days).isoformat(), *where, campaign, *of, f"2025-05-01T00:00:{number:02}Z"]
