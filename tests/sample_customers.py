"""The orders, refunds and events of a shop with four customers, guests, and one customer who only returns."""

from __future__ import annotations

import random

from reliability.lakes import event

BUYERS = ("ann", "bob", "cem", "dan", None)


def order(number: int, day: str, customer: str | None, **more: object) -> dict[str, object]:
    """An order of one or two articles, some with a discount, at a price below the cent."""
    line = {"line_number": 1, "product_id": f"P{number % 3}", "quantity": 1 + number % 2, "unit_price": "3.3333"}
    order = {"order_id": f"o{number}", "ordered_at": f"{day}T10:00:00Z", "customer_id": customer, "currency": "GBP"}
    return order | {"lines": [line], "discount": number % 4 // 3, "shipping": 2, "payments": []} | more


def refund(number: int, day: str, customer: str | None) -> dict[str, object]:
    line = {"line_number": 1, "product_id": f"P{number % 3}", "quantity": 1, "unit_price": "3.3333"}
    refund = {"refund_id": f"r{number}", "order_id": f"o{number}", "refunded_at": f"{day}T09:00:00Z"}
    return refund | {"customer_id": customer, "currency": "GBP", "lines": [line]}


def history() -> tuple[list[dict[str, object]], list[dict[str, object]], list[dict[str, object]]]:
    """Orders, refunds and events of four customers and guests in half a year; one customer only returns."""
    rng = random.Random(8)
    days = [f"2026-{1 + number % 6:02}-{rng.randrange(1, 29):02}" for number in range(40)]
    orders = [order(number, day, rng.choice(BUYERS)) for number, day in enumerate(days)]
    orders += [order(90, "2026-02-03", "ann", status="cancelled")]
    refunds = [refund(number, f"2026-06-{10 + number:02}", orders[number]["customer_id"]) for number in range(0, 12, 3)]
    refunds += [refund(99, "2026-03-03", "eve")]
    events = [
        event(number, event_ts=f"{day}T08:00:00Z", user_id=None if number % 3 else orders[number]["customer_id"])
        | {"anonymous_id": f"d{number % 7}", "utm_source": "newsletter", "utm_medium": "email"}
        for number, day in enumerate(days)
    ]
    return orders, refunds, events
