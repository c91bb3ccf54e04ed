"""Random bodies of WooCommerce's REST API v3: amounts are worked out to many digits, and each is rounded by itself."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from .answer import ZERO, Body

FIRST = datetime(2026, 3, 26)
CENT = Decimal("0.01")


def text(amount: Decimal) -> str:
    """An amount as the API writes it: rounded to two decimals."""
    return str(amount.quantize(CENT, ROUND_HALF_UP))


@dataclass
class Shop:
    """Orders in several versions, and their refunds."""

    seed: int
    orders: list[Body] = field(default_factory=list)
    refunds: list[Body] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.number = 500

    def new_id(self) -> int:
        self.number += 1
        return self.number


def fill(seed: int, orders: int = 40) -> Shop:
    """A shop with orders, each in several versions, and their refunds."""
    shop = Shop(seed)
    for _ in range(orders):
        _live(shop)
    return shop


def _live(shop: Shop) -> None:
    """Send an order as it is placed, and after each change of it."""
    rng = shop.rng
    at = FIRST + timedelta(minutes=rng.randint(0, 6 * 1440))
    order = _order(shop, at)
    statuses = ("pending", "on-hold", "processing", "completed", "cancelled", "failed", "refunded", "trash", "own")
    for status in rng.sample(statuses, rng.randint(1, 3)):
        at += timedelta(minutes=rng.randint(1, 900))
        if rng.random() < 0.3 and len(order["line_items"]) > 1:
            order = _priced(order | {"_worth": order["_worth"][1:]})
        order |= {"status": status, "date_modified_gmt": at.isoformat()}
        if status in ("processing", "completed"):
            order.setdefault("date_paid_gmt", at.isoformat())
        shop.orders.append({name: cell for name, cell in order.items() if name[0] != "_"})
    if rng.random() < 0.15:
        order |= {"date_modified_gmt": (at + timedelta(minutes=5)).isoformat()}
        shop.orders.append({name: cell for name, cell in order.items() if name[0] != "_" and name != "line_items"})
    for _ in range(rng.choice((0, 0, 1, 2)) if order["currency"] == "GBP" else 0):
        shop.refunds.append(_refund(shop, order, at))


def _order(shop: Shop, at: datetime) -> Body:
    rng = shop.rng
    rates = [Decimal(rate) / 100 for rate in rng.choice(([], [20], [19], [5, 8]))]
    includes, off = rng.random() < 0.6, Decimal(rng.choice((0, 0, 10, 15, 33))) / 100
    worth = []
    for _ in range(rng.randint(1, 4)):
        pieces, price = rng.randint(1, 5), Decimal(rng.randint(1, 9999)) / 100
        net = price * pieces / (1 + sum(rates, ZERO)) if includes else price * pieces
        product = rng.choice(({"product_id": rng.randint(1, 9)}, {"product_id": 0, "sku": "S"}, {"product_id": 0}))
        worth.append(({"id": shop.new_id(), "name": "Thing", "quantity": pieces, "sku": "", **product}, net))
    shipping = Decimal(rng.choice((0, 390, 499))) / 100
    fees = [Decimal(rng.randint(-300, 300)) / 100 for _ in range(rng.choice((0, 0, 1)))]
    order = {
        "id": shop.new_id(),
        "currency": rng.choice(("GBP", "GBP", "USD")),
        "customer_id": rng.choice((0, rng.randint(1, 9))),
        "date_created_gmt": at.isoformat(),
        "payment_method": rng.choice(("stripe", "")),
        "prices_include_tax": includes,
        "billing": {"country": "FR"},
        "shipping": {"country": rng.choice(("", "GB"))},
        "shipping_total": text(shipping),
        "shipping_tax": text(_taxes(shipping, rates)),
        "fee_lines": [
            {"id": shop.new_id(), "name": "Fee", "total": text(fee), "total_tax": text(_taxes(fee, rates))}
            for fee in fees
        ],
        "_worth": worth,
        "_rates": rates,
        "_off": off,
    }
    return _priced(order)


def _taxes(amount: Decimal, rates: list[Decimal]) -> Decimal:
    """Each tax of a line is rounded to the cent, as where taxes are not rounded at the subtotal."""
    return sum((Decimal(text(amount * rate)) for rate in rates), ZERO)


def _priced(order: Body) -> Body:
    """The items of an order and its totals; `total` is rounded once."""
    items, before, after, taxes = [], ZERO, ZERO, ZERO
    for item, net in order["_worth"]:
        paid, tax = net * (1 - order["_off"]), _taxes(net * (1 - order["_off"]), order["_rates"])
        items.append(item | {"subtotal": text(net), "total": text(paid), "total_tax": text(tax)})
        before, after, taxes = before + net, after + paid, taxes + tax
    extra = Decimal(order["shipping_total"]) + Decimal(order["shipping_tax"])
    extra += sum((Decimal(fee["total"]) + Decimal(fee["total_tax"]) for fee in order["fee_lines"]), ZERO)
    totals = {"discount_total": text(before - after), "total": text(after + taxes + extra)}
    return order | {"line_items": items} | totals


def _refund(shop: Shop, order: Body, at: datetime) -> Body:
    """Some pieces come back, money for others without them, shipping; or money alone."""
    rng, items, amount = shop.rng, [], ZERO
    for item in rng.sample(order["line_items"], rng.randint(0, len(order["line_items"]))):
        pieces = rng.randint(0, item["quantity"])
        paid, tax = (Decimal(item[name]) * max(pieces, 1) / item["quantity"] for name in ("total", "total_tax"))
        money = {"total": text(-paid), "total_tax": text(-tax), "subtotal": text(-paid)}
        items.append(item | {"id": shop.new_id(), "quantity": -pieces} | money)
        amount -= Decimal(money["total"]) + Decimal(money["total_tax"])
    shipping = []
    if rng.random() < 0.3 and Decimal(order["shipping_total"]):
        back = {"total": f"-{order['shipping_total']}", "total_tax": f"-{order['shipping_tax']}"}
        shipping, amount = [{"id": shop.new_id(), **back}], amount - sum(map(Decimal, back.values()))
    fees = []
    for fee in order["fee_lines"] if amount > 10 and rng.random() < 0.5 else []:
        back = {name: text(-Decimal(fee[name])) for name in ("total", "total_tax")}
        fees, amount = [fee | {"id": shop.new_id()} | back], amount - sum(map(Decimal, back.values()))
    amount += rng.choice((ZERO, ZERO, Decimal("1.50")))
    whose = {"parent_id": order["id"]}
    up = {"_links": {"up": [{"href": f"https://shop.example/wp-json/wc/v3/orders/{order['id']}"}]}}
    when = {"date_created_gmt": (at + timedelta(minutes=rng.randint(1, 9000))).isoformat()}
    lists = {"line_items": items, "shipping_lines": shipping, "fee_lines": fees}
    return {"id": shop.new_id(), "amount": text(amount)} | when | lists | rng.choice((whose, up, whose | up))
