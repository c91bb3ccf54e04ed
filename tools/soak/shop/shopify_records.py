"""Random records of a small shop in the format of Shopify, and the kinds of formats that are not the native one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tools.soak.shop.foreign_records import SHARED, ForeignRecords, SegmentRecords, WooCommerceRecords, without_mark
from tools.soak.shop.shop_records import CUSTOMERS, ORDERS, PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.soak.shop.shop_records import Record


class ShopifyRecords(ForeignRecords):
    """Bodies of the Admin REST API."""

    streams: ClassVar[dict[str, int]] = {
        "orders": 9,
        "refunds": 2,
        "transactions": 3,
        "products": 1,
        "customers": 2,
    } | dict.fromkeys(SHARED, 2)
    undated: ClassVar[tuple[str, ...]] = ("orders", "refunds", *SHARED)

    def choose_stream(self) -> str:
        """Return the stream of the next file; refunds alone are of no time."""
        stream = super().choose_stream()
        return "orders" if stream == "refunds" and self._is_dated else stream

    @property
    def _makers(self) -> dict[str, Callable[[], Record]]:
        pick = self._random.choice
        return {
            "orders": self._sold,
            "refunds": lambda: self._back(pick(ORDERS), self._random.randint(1, 2)),
            "transactions": lambda: self._fixed(self._random.randint(1, 6), self._transaction),
            "products": self._article,
            "customers": self._person,
            "exchange_rates": self._rate,
            "spend": self._spend,
        }

    def _sold(self) -> Record:
        pick, number, chance = self._random.choice, self._random.choice(ORDERS), self._random.random
        items = [self._item(int(number) * 10 + n) for n in range(self._random.randint(0, 3))]
        shipping = [
            self._set("price", self._price()) | self._reductions(0.3) for _ in range(self._random.randint(0, 2))
        ]
        for each in shipping:
            each |= {"is_removed": True} if chance() < 0.15 else {}
        order: Record = {
            "id": int(number),
            "created_at": self._time(),
            "processed_at": pick([None, self._time()]),
            "updated_at": self._time(),
            "cancelled_at": self._time() if chance() < 0.15 else None,
            "test": chance() < 0.04,
            "currency": pick(["GBP", "EUR", "USD"]),
            "financial_status": pick(["paid", "pending", "partially_refunded", None]),
            "fulfillment_status": pick(["fulfilled", None]),
            "taxes_included": chance() < 0.5,
            "total_tax": pick(["0.00", "1.20"]),
            "total_discounts": pick(["0.00", "3.00"]),
            "customer": {"id": pick(CUSTOMERS)} if chance() < 0.7 else None,
            "shipping_address": pick([None, {"country_code": "DE"}]),
            "billing_address": {"country_code": "GB"},
            "line_items": items,
            "shipping_lines": shipping,
            "refunds": [without_mark(self._back(number, n)) for n in range(1, 3) if chance() < 0.3],
            "total_tip_received": pick(["0.00", "0.00", "2.00"]),
        }
        if chance() < 0.05:
            del order["line_items"]
        return {"order": order} if chance() < 0.1 else order

    def _item(self, id: int) -> Record:
        pick, chance, quantity = self._random.choice, self._random.random, self._random.randint(1, 4)
        item: Record = {
            "id": id,
            "product_id": pick([*PRODUCTS, None]),
            "title": pick(["Pot", "Tip"]),
            "quantity": quantity,
        }
        item |= self._set("price", self._price()) | self._reductions(0.3) | {"gift_card": chance() < 0.1}
        if chance() < 0.4:
            item["current_quantity"] = self._random.randint(0, quantity)
        if chance() < 0.5:
            item["tax_lines"] = [self._set("price", "0.20") for _ in range(self._random.randint(0, 2))]
        return item

    def _reductions(self, share: float) -> Record:
        found = self._random.random() < share
        return {"discount_allocations": [self._set("amount", "0.50")]} if found else {}

    def _set(self, name: str, text: str) -> Record:
        """Return an amount; in half of cases the customer paid in another currency."""
        if self._random.random() < 0.5:
            return {name: text}
        return {name: "77.77", f"{name}_set": {"shop_money": {"amount": text}}}

    def _back(self, order: str, number: int) -> Record:
        return self._fixed(int(order) * 10 + number, self._refunded)

    def _refunded(self, id: int) -> Record:
        order, number = divmod(id, 10)
        lines = [
            {"id": order * 100 + number * 10 + n, "line_item_id": order * 10 + n, "quantity": 1}
            | self._set("subtotal", self._price())
            | {"line_item": {"product_id": self._random.choice(PRODUCTS), "quantity": 2}}
            for n in range(self._random.randint(0, 2))
        ]
        kinds = ["shipping_refund", "refund_discrepancy"]
        adjusted = [{"kind": self._random.choice(kinds)} | self._set("amount", "-0.75") for _ in range(2 - len(lines))]
        paid = {"id": order * 100 + number, "order_id": order, "kind": "refund", "status": "success"}
        paid |= {"amount": self._price(), "currency": "GBP", "created_at": self._time()}
        refund = {"id": id, "order_id": order, "created_at": self._time()}
        return refund | {"refund_line_items": lines, "order_adjustments": adjusted, "transactions": [paid]}

    def _transaction(self, number: int) -> Record:
        pick = self._random.choice
        record = {"id": f"t{number}", "order_id": int(pick(ORDERS)), "kind": pick(["sale", "capture", "authorization"])}
        record |= {"gateway": "card", "status": pick(["success", "failure"]), "amount": self._price()}
        return record | {"currency": pick(["GBP", "EUR"]), "created_at": self._time()}

    def _article(self) -> Record:
        variants = [{"id": n, "price": self._price(), "sku": f"s{n}"} for n in range(self._random.randint(0, 2))]
        id = int(self._random.choice(PRODUCTS))
        return {"id": id, "title": f"Pot {id}", "variants": variants, "updated_at": self._time()}

    def _person(self) -> Record:
        pick, id = self._random.choice, self._random.choice(CUSTOMERS)
        place = pick([None, {"city": "Leeds", "country_code": "GB"}])
        person = {"id": id, "email": pick([f"{id}@shop.example", "no address"]), "created_at": self._time()}
        return person | {"default_address": place, "updated_at": self._time()}


FOREIGN: dict[str, type[ForeignRecords]] = {
    "shopify": ShopifyRecords,
    "woocommerce": WooCommerceRecords,
    "segment": SegmentRecords,
}
"""What makes the records of each kind of feed."""
