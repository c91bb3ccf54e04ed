"""Random bodies of Shopify's Admin REST API, as its documentation describes orders, refunds and transactions.

Every amount is worked out here from what was bought; nothing of the pipeline or of its simulator is used.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

Body = dict[str, Any]
FIRST = datetime(2026, 3, 26, tzinfo=UTC)
"""Three days before the clocks of London change."""


def text(cents: int) -> str:
    """Cents as an amount."""
    return f"{'-' * (cents < 0)}{abs(cents) // 100}.{abs(cents) % 100:02}"


def rounded(part: int, whole: int, amount: int) -> int:
    """A share of an amount in cents, halves away from zero."""
    return (2 * amount * part + whole) // (2 * whole)


@dataclass
class Shop:
    """Bodies by stream, in the order of their making, and what each order that no edit changed must add up to."""

    seed: int
    orders: list[Body] = field(default_factory=list)
    refunds: list[Body] = field(default_factory=list)
    transactions: list[Body] = field(default_factory=list)
    totals: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.number = 1000

    def new_id(self) -> int:
        self.number += 1
        return self.number

    def odds(self, share: float) -> bool:
        return self.rng.random() < share

    def moment(self, after: datetime) -> datetime:
        return after + timedelta(minutes=self.rng.randint(1, 900))

    def time(self, at: datetime) -> str:
        """A time with an offset, or in UTC."""
        zone = timezone(timedelta(hours=self.rng.choice((-5, 0, 1, 2))))
        return at.astimezone(zone).isoformat() if self.odds(0.8) else at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def money(self, name: str, cents: int) -> Body:
        """An amount plain and as a set; the plain one may be a number, and another where the customer's is another."""
        rate = self.rng.choice((1, 1, 3))
        amount: Any = text(cents) if self.odds(0.9) or not cents else cents / 100
        sets = {"shop_money": {"amount": amount, "currency_code": "GBP"}}
        sets["presentment_money"] = {"amount": text(cents * rate), "currency_code": "GBP" if rate == 1 else "USD"}
        plain = {name: amount if rate == 1 else text(cents * rate)}
        return plain if rate == 1 and self.odds(0.2) else plain | {f"{name}_set": sets}

    def taxes(self, cents: int, rates: list[int], *, included: bool) -> list[int]:
        return [rounded(rate, 100 + rate if included else 100, cents) for rate in rates]


def fill(seed: int, orders: int = 40) -> Shop:
    """A shop with orders, each in several versions, their refunds and transactions."""
    shop = Shop(seed)
    for _ in range(orders):
        _Order(shop).live()
    return shop


class _Order:
    def __init__(self, shop: Shop) -> None:
        self.shop, rng = shop, shop.rng
        self.at = FIRST + timedelta(minutes=rng.randint(0, 6 * 1440))
        self.id, self.included = shop.new_id(), shop.odds(0.5)
        self.rates = rng.choice(([], [20], [5, 10]))
        self.items = [self._item() for _ in range(rng.randint(1, 4))]
        self.shipping = [self._shipping() for _ in range(rng.choice((0, 1, 1, 2)))]
        self.refunds: list[Body] = []
        self.is_edited, self.left = False, {item["id"]: item["quantity"] for item in self.items}
        self.worth = {each["id"]: each.pop("_worth") for each in (*self.items, *self.shipping)}
        self.charges = self._charges()
        self.currency = rng.choice(("GBP", "GBP", "USD"))

    def _item(self) -> Body:
        shop, rng = self.shop, self.shop.rng
        kind = rng.choice(("goods", "goods", "goods", "custom", "sku", "gift", "tip"))
        quantity, price = (1 if kind == "tip" else rng.randint(1, 5)), rng.randint(1, 9999)
        taxed = kind in ("goods", "custom", "sku")
        off = rng.randint(1, price * quantity) if taxed and shop.odds(0.4) else 0
        taxes = shop.taxes(price * quantity - off, self.rates if taxed else [], included=self.included)
        body = {
            "id": shop.new_id(),
            "product_id": rng.randint(1, 9) if kind in ("goods", "gift") else None,
            "title": "Tip" if kind == "tip" else "Thing",
            "sku": "SKU-1" if kind == "sku" else rng.choice(("", None)),
            "gift_card": kind == "gift",
            "quantity": quantity,
            "current_quantity": quantity,
            **shop.money("price", price),
            "tax_lines": [shop.money("price", tax) for tax in taxes],
            "discount_allocations": [shop.money("amount", off)] if off else [],
            "_worth": (price * quantity, off, sum(taxes), quantity),
        }
        if kind == "tip":
            self.tip = price
            body |= {"tip_payment_gateway": "shopify_payments", "tip_payment_method": rng.choice(("Visa", None))}
        return body

    def _shipping(self) -> Body:
        shop, price = self.shop, self.shop.rng.randint(0, 1500)
        off = price if price and shop.odds(0.2) else 0
        taxes = shop.taxes(price - off, self.rates, included=self.included)
        allocations = [shop.money("amount", off)] if off else []
        lines = {"tax_lines": [shop.money("price", tax) for tax in taxes], "discount_allocations": allocations}
        worth = price, off, sum(taxes), 1
        return {"id": shop.new_id(), **shop.money("price", price), "is_removed": False, **lines, "_worth": worth}

    def _charges(self) -> Body:
        """What belongs to the order as a whole, and its totals."""
        shop = self.shop
        goods, off, taxes = (sum(worth[place] for worth in self.worth.values()) for place in range(3))
        tip = sum(self.worth[item["id"]][0] for item in self.items if item["title"] == "Tip")
        duties, fees = (shop.rng.randint(1, 900) if shop.odds(0.2) else 0 for _ in range(2))
        is_within = shop.odds(0.5)
        total = goods - off + (0 if self.included else taxes) + (0 if is_within else duties) + fees
        shop.totals[str(self.id)] = text(total)
        charges = {
            "taxes_included": self.included,
            "duties_included": is_within,
            "total_tip_received": text(tip),
            "original_total_duties_set": _of_shop(duties) if duties else None,
            "original_total_additional_fees_set": _of_shop(fees) if fees else None,
        }
        names = {"total_discounts": off, "total_tax": taxes, "total_price": total}
        return charges | {key: cell for name, cents in names.items() for key, cell in shop.money(name, cents).items()}

    def live(self) -> None:
        """Send the order as it is placed, and after each thing that happens to it."""
        shop, rng = self.shop, self.shop.rng
        self.head: Body = {
            "id": self.id,
            "created_at": shop.time(self.at),
            "processed_at": shop.time(self.at - timedelta(minutes=rng.choice((0, 0, 500)))),
            "test": shop.odds(0.05),
            "currency": "GBP",
            "cancelled_at": None,
            "financial_status": rng.choice(("paid", "pending", "authorized", "partially_paid")),
            "fulfillment_status": rng.choice((None, "partial", "fulfilled")),
            "customer": rng.choice((None, {"id": rng.randint(1, 9)})),
            "shipping_address": rng.choice((None, {"country_code": rng.choice(("GB", "US"))})),
            "billing_address": {"country_code": "FR"},
        }
        now = self.at
        self._pay(now)
        for happens in (None, *rng.sample((self._edit, self._refund, self._refund, self._cancel), rng.randint(0, 3))):
            now = shop.moment(now)
            if happens:
                happens(now)
            shop.orders.append(self._body(now))
        if shop.odds(0.2):
            part = {name: cell for name, cell in self._body(shop.moment(now)).items() if name != "line_items"}
            shop.orders.append(part)

    def _body(self, now: datetime) -> Body:
        sums = {"items": self.items, "shipping": self.shipping, "refunds": self.refunds}
        lists = {name: [dict(each) for each in values] for name, values in sums.items()}
        of_items = [item | {"current_quantity": self.left[item["id"]]} for item in lists["items"]]
        lines = {"line_items": of_items, "shipping_lines": lists["shipping"], "refunds": lists["refunds"]}
        return self.head | {"updated_at": self.shop.time(now)} | self.charges | lines

    def _pay(self, now: datetime) -> None:
        kinds = self.shop.rng.choice((("sale",), ("authorization", "capture"), ("authorization", "void"), ()))
        for kind in kinds:
            self.shop.transactions.append(self._transaction(kind, self.shop.rng.randint(1, 9999), now))
            if kind == "sale" and self.shop.odds(0.3):
                last = self.shop.transactions[-1]
                self.shop.transactions.append(last | {"status": "pending"})

    def _transaction(self, kind: str, cents: int, now: datetime) -> Body:
        status = self.shop.rng.choice(("success", "success", "failure", "error"))
        at = {"created_at": self.shop.time(now), "processed_at": self.shop.time(now)}
        money = {"amount": text(cents), "currency": self.currency, "test": bool(self.head["test"])}
        what = {"id": self.shop.new_id(), "order_id": self.id, "kind": kind, "gateway": "card", "status": status}
        return what | money | at

    def _cancel(self, now: datetime) -> None:
        self.head |= {"cancelled_at": self.shop.time(now), "financial_status": "voided"}

    def _edit(self, now: datetime) -> None:
        """Some pieces of an item go, and a shipping line."""
        item = self.shop.rng.choice(self.items)
        self.left[item["id"]] -= self.shop.rng.randint(0, self.left[item["id"]])
        if self.shipping and self.shop.odds(0.5):
            self.shipping[0] = self.shipping[0] | {"is_removed": True}
        self.shop.totals.pop(str(self.id), None)

    def _refund(self, now: datetime) -> None:
        """Some pieces come back at what was paid for them, with shipping and duties, or money alone."""
        shop, rng = self.shop, self.shop.rng
        refund = {"id": shop.new_id(), "order_id": self.id, "created_at": shop.time(now), "note": None}
        refund |= {"processed_at": shop.time(now), "refund_line_items": [], "order_adjustments": []}
        for item in rng.sample(self.items, rng.randint(0, len(self.items))):
            if pieces := rng.randint(0, self.left[item["id"]]):
                self.left[item["id"]] -= pieces
                amount, off, tax, all_pieces = self.worth[item["id"]]
                back = shop.money("subtotal", rounded(pieces, all_pieces, amount - off))
                back |= shop.money("total_tax", rounded(pieces, all_pieces, tax))
                line = {"id": shop.new_id(), "line_item_id": item["id"], "quantity": pieces, "line_item": item}
                refund["refund_line_items"].append(line | back)
        refund |= self._shipping_back() if self.shipping and shop.odds(0.5) else {}
        if shop.odds(0.3):
            adjustment = shop.money("amount", rng.randint(-500, 500)) | shop.money("tax_amount", rng.randint(-50, 50))
            refund["order_adjustments"] = [*refund["order_adjustments"], {"kind": "refund_discrepancy"} | adjustment]
        if shop.odds(0.2):
            refund |= rng.choice(({"duties": [{"amount_set": _of_shop(77)}]}, {"total_duties_set": _of_shop(77)}))
        refund["transactions"] = [
            self._transaction("refund", rng.randint(1, 900), now) for _ in range(rng.randint(0, 2))
        ]
        self.refunds.append(refund)
        shop.transactions += refund["transactions"]
        shop.refunds += [refund] if shop.odds(0.7) else []

    def _shipping_back(self) -> Body:
        """Shipping as an adjustment (until 2024-07), listed (since 2024-10), or both."""
        shop, line = self.shop, self.shipping[0]
        price, off, tax, _ = self.worth[line["id"]]
        adjusted = shop.money("amount", off - price) | shop.money("tax_amount", -tax)
        of_order = {"kind": "shipping_refund"} | adjusted
        listed = {"subtotal_amount_set": _of_shop(price - off), "shipping_line": line}
        listed["shipping_line"] = line | {"discounted_price_set": _of_shop(price - off)}
        how = shop.rng.choice(("adjusted", "listed", "both"))
        return ({"order_adjustments": [of_order]} if how != "listed" else {}) | (
            {"refund_shipping_lines": [listed]} if how != "adjusted" else {}
        )


def _of_shop(cents: int) -> Body:
    return {"shop_money": {"amount": text(cents)}, "presentment_money": {"amount": text(cents * 3)}}
