"""Orders and refunds of a nasty shop."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .records import PRICES, code, some, without_nulls
from .times import SECOND, SHIFTS, as_text, moment

if TYPE_CHECKING:
    from .shop import Shop

COUNTRIES = (None, "GB", "FR", "gb")
STATUSES = (None, None, None, "placed", "paid", "fulfilled", "cancelled", "Paid", "CANCELLED")
DISCOUNTS = (None, 0, "0.00", "1.00", 5, "0.01", "3.3333", 1000, "-2.00", 0.1)
PAID = (None, "captured", "paid", "failed", "pending", "chargeback", "Refunded", "strange")


def orders(shop: Shop, count: int) -> list[dict[str, Any]]:
    """Orders, some in several versions, some sent twice."""
    made = [order(shop, number) for number in range(count)]
    if shop.by_arrival:
        return made + made[: count // 10]
    versions: dict[tuple[str, str | None], str] = {}
    for each in made:
        versions.setdefault((each["order_id"], each.get("updated_at")), json.dumps(each))
    return [json.loads(each) for each in (*versions.values(), *list(versions.values())[:2])]


def order(shop: Shop, number: int) -> dict[str, Any]:
    chance, at = shop.chance, moment(shop.chance, shop.instants)
    lines = [line(shop, place + 1) for place in range(chance.choice((0, 1, 1, 2, 3, 4)))]
    if shop.by_arrival and len(lines) > 1 and chance.random() < 0.05:
        lines[1]["line_number"] = 1
    is_dated = not shop.by_arrival or chance.random() < 0.5
    record = {
        "order_id": chance.choice(shop.orders) if chance.random() < 0.6 else f"N{number}",
        "ordered_at": as_text(chance, at),
        "customer_id": some(chance, shop.customers, 0.2),
        "country": chance.choice(COUNTRIES),
        "currency": code(shop),
        "lines": lines,
        "discount": chance.choice(DISCOUNTS),
        "shipping": chance.choice((None, 0, "3.00", "4.95", "0.001", 2.5)),
        "payments": [payment(shop, f"y{number}-{place}", at) for place in range(chance.choice((0, 1, 1, 2, 3)))],
        "status": chance.choice(STATUSES),
        "updated_at": as_text(chance, at + number * SECOND) if is_dated else None,
    }
    return without_nulls(shop, record)


def line(shop: Shop, number: int) -> dict[str, Any]:
    """A line; few have no product, no price or no pieces, and are quarantined."""
    chance = shop.chance
    price = chance.choice(PRICES) if chance.random() < 0.98 else None
    made = {"line_number": number, "product_id": some(chance, shop.products, 0.03), "unit_price": price}
    made["quantity"] = chance.choice((1, 1, 2, 3, 5, "2", chance.choice((0, 1, 1, 1))))
    return made | {"tax": chance.choice(("0.17", 1.666, None, 0, "3.3333"))}


def payment(shop: Shop, name: str, at: datetime) -> dict[str, Any]:
    chance = shop.chance
    amount, status = chance.choice(("9.99", 10, "0.00", "25.50", "3.333", 100)), chance.choice(PAID)
    paid_at, method = as_text(chance, at + chance.choice(SHIFTS)), chance.choice((None, "card", "chargeback", "Card"))
    return {"payment_id": name, "method": method, "amount": amount, "status": status, "paid_at": paid_at}


def refunds(shop: Shop, count: int, sold: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Refunds of orders, of lines that they do not have, of more than they had, before them, and of unknown orders."""
    return [refund(shop, number, [each for each in sold if each["lines"]]) for number in range(count)]


def refund(shop: Shop, number: int, sold: list[dict[str, Any]]) -> dict[str, Any]:
    chance, at = shop.chance, moment(shop.chance, shop.instants)
    of = chance.choice(sold) if sold and chance.random() < 0.85 else None
    lines = [line(shop, place + 1) for place in range(chance.randint(0, 2))]
    if of is not None:
        lines = [dict(each) for each in chance.sample(of["lines"], chance.randint(1, len(of["lines"])))]
        ordered_at = datetime.fromisoformat(of["ordered_at"])
        at = ordered_at.replace(tzinfo=ordered_at.tzinfo or UTC) if chance.random() < 0.3 else at
    for each in lines:
        changes = {"quantity": 100, "line_number": 9, "product_id": shop.products[0], "unit_price": "99.9999"}
        each |= {name: value for name, value in changes.items() if chance.random() < 0.1}
    own = (of or {}).get("currency")
    record = {
        "refund_id": f"R{number}",
        "order_id": of["order_id"] if of else chance.choice(shop.orders),
        "refunded_at": as_text(chance, at),
        "customer_id": chance.choice(((of or {}).get("customer_id"), None, shop.customers[0])),
        "country": chance.choice(COUNTRIES),
        "currency": own if chance.random() < 0.7 else code(shop),
        "lines": list({each["line_number"]: each for each in lines}.values()),
        "amount": chance.choice((None, "9.99", 5, 1000, "0.00")),
        "status": chance.choice((None, None, None, "paid", "cancelled")),
        "updated_at": chance.choice((None, None, as_text(chance, at))),
    }
    return without_nulls(shop, record)
