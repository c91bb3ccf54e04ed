"""The money of orders and refunds in foreign formats, worked out in plain Python from their newest records."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from deltalake import DeltaTable

from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.soak.shop.shop_lake import ShopLake

Record = dict[str, Any]
Money = dict[str, Decimal]
"""Amounts by the class of line."""
CENT, MOST = Decimal("0.01"), Decimal(10**9)


def check_money(shop: ShopLake) -> None:
    """Raise DifferenceError where the amounts of an order or a refund are not those of its newest record.

    What bad records are about is left out, as is what two different records of one time say, and records without one.
    """
    bad = {record["raw"] for name, record in shop.undecided() if name == "silver.order_lines"}
    found, unclear = defaultdict[str, list[tuple[datetime, Money]]](list), set[str]()
    for name, lines in shop.content.counted().items():
        if not name.startswith(("orders/", "refunds/")):
            continue
        for text in filter(None, lines):
            for id, at, money in documents(shop.kind, name.split("/")[0], text):
                if text in bad or at is None or money is None:
                    unclear.add(id)
                else:
                    found[id].append((at, money))
    expected = {id: _newest(some) for id, some in found.items() if id not in unclear}
    stored = stored_money(shop)
    wrong = {
        id: (money, stored.get(id, {})) for id, money in expected.items() if money not in (None, stored.get(id, {}))
    }
    if wrong:
        raise DifferenceError(f"money by its records, expected and found: {[*wrong.items()][:2]}")


def _newest(versions: list[tuple[datetime, Money]]) -> Money | None:
    last = max(at for at, _ in versions)
    first, *others = [money for at, money in versions if at == last]
    return first if all(each == first for each in others) else None


def stored_money(shop: ShopLake) -> dict[str, Money]:
    """Return the amounts of each document in the lake, by the class of line."""
    table = DeltaTable(str(shop.path / "silver" / "order_lines"))
    sums = defaultdict[str, Money](dict)
    for row in table.to_pyarrow_table(columns=["document_id", "line_class", "amount"]).to_pylist():
        of = sums[row["document_id"]]
        of[row["line_class"]] = of.get(row["line_class"], Decimal()) + row["amount"]
    return {id: not_zero(money) for id, money in sums.items()}


def documents(kind: str, stream: str, text: str) -> Iterator[tuple[str, datetime | None, Money | None]]:
    """Yield the documents of a record: id, time of the change and money, None where the record does not say it."""
    try:
        record = json.loads(text, parse_float=Decimal)
    except ValueError:
        return
    for id, at, work in KINDS[kind](stream, record):
        try:
            money: Money | None = not_zero(work())
        except (TypeError, KeyError, AttributeError, InvalidOperation, ValueError):
            money = None
        yield str(id), _time(at), money


def _shopify(stream: str, record: Record) -> Iterator[tuple[Any, Any, Any]]:
    if stream == "refunds":  # it is of no time, and within an order the same
        return
    order = record.get("order", record)
    if not isinstance(order, dict):
        return
    at = order.get("updated_at")
    if order.get("test") is not True:
        yield order.get("id"), at, lambda: _shopify_order(order)
    refunds = order.get("refunds")
    for refund in refunds if isinstance(refunds, list) else []:
        yield refund["id"], at, lambda refund=refund: _shopify_refund(refund)


def _shopify_order(order: Record) -> Money:
    returned = Counter[int]()
    for refund in order["refunds"]:
        for each in refund["refund_line_items"]:
            returned[each["line_item_id"]] += each["quantity"]
    money, discounts, sold_discounts = defaultdict[str, Decimal](Decimal), Decimal(), Decimal()
    for item in order["line_items"]:
        sold = min(item["quantity"], item.get("current_quantity", item["quantity"]) + returned[item["id"]])
        is_tip = item["title"] == "Tip" and item["product_id"] is None
        money["other" if is_tip or item["gift_card"] else "goods"] += sold * _set(item, "price")
        reduced = _allocated(item)
        discounts += reduced
        sold_discounts += (reduced * sold / item["quantity"]).quantize(CENT, ROUND_HALF_UP)
        if is_tip:
            money["tips"] += sold * _set(item, "price")
    for line in order["shipping_lines"]:
        discounts += _allocated(line)
        if not line.get("is_removed"):
            money["shipping"] += _set(line, "price")
            sold_discounts += _allocated(line)
    money["discount"] -= sold_discounts if discounts else _decimal(order["total_discounts"])
    money["other"] += max(_decimal(order["total_tip_received"]) - money.pop("tips", Decimal()), Decimal())
    if order["taxes_included"] is not True and not any("tax_lines" in item for item in order["line_items"]):
        money["tax"] += _decimal(order["total_tax"])
    return money


def _shopify_refund(refund: Record) -> Money:
    money = defaultdict[str, Decimal](Decimal)
    for each in refund["refund_line_items"]:
        money["goods"] -= _set(each, "subtotal")
    for each in refund["order_adjustments"]:
        money["shipping" if each["kind"] == "shipping_refund" else "other"] += _set(each, "amount")
    return money


def _woocommerce(stream: str, record: Record) -> Iterator[tuple[Any, Any, Any]]:
    at = "date_created_gmt" if stream == "refunds" else "date_modified_gmt"
    yield record.get("id"), record.get(at), lambda: _woo_refund(record) if stream == "refunds" else _woo_order(record)


def _woo_order(order: Record) -> Money:
    money, taxes = defaultdict[str, Decimal](Decimal), _decimal(order["shipping_tax"])
    for item in order["line_items"]:
        money["goods"] += _decimal(item["subtotal"])
    for fee in order["fee_lines"]:
        money["other"] += _decimal(fee["total"])
    taxes += sum(_decimal(each["total_tax"]) for each in [*order["line_items"], *order["fee_lines"]])
    money["shipping"] += _decimal(order["shipping_total"])
    money["discount"] -= _decimal(order["discount_total"])
    beyond = _decimal(order["total"]) - sum(money.values()) - taxes
    if abs(beyond) <= CENT * (len(order["line_items"]) + len(order["fee_lines"]) + 2):
        money["other"] += beyond
    return money


def _woo_refund(refund: Record) -> Money:
    """Return what a refund pays back: all of its amount, taxes included."""
    money, taxes = defaultdict[str, Decimal](Decimal), Decimal()
    for item in refund["line_items"]:
        money["goods" if item["quantity"] else "other"] -= abs(_decimal(item["total"]))
    for line in refund["shipping_lines"]:
        money["shipping"] -= abs(_decimal(line["total"]))
    taxes -= sum(abs(_decimal(each["total_tax"])) for each in refund["line_items"])
    money["other"] += -_decimal(refund["amount"]) - sum(money.values()) - taxes
    return money


def _segment(stream: str, record: Record) -> Iterator[tuple[Any, Any, Any]]:
    event, said = record.get("event"), record.get("properties")
    if record.get("type") != "track" or not str(event).startswith("Order ") or not isinstance(said, dict):
        return
    is_refund = event == "Order Refunded"
    id = record.get("messageId") if is_refund else said.get("order_id")
    yield id, record.get("timestamp"), lambda: _segment_order(said, str(event), -1 if is_refund else 1)


def _segment_order(said: Record, event: str, sign: int) -> Money:
    money = defaultdict[str, Decimal](Decimal)
    for each in said["products"] if event == "Order Completed" else said.get("products", []):
        money["goods"] += sign * each.get("quantity", 1) * _decimal(each["price"])
    if sign < 0 and not said.get("products"):
        money["other"] -= _decimal(said["total"] if "total" in said else said["revenue"])
    if sign > 0:
        for name, factor in (("shipping", 1), ("discount", -1), ("tax", 1)):
            money[name] += factor * _decimal(said[name] or 0)
    return money


KINDS = {"shopify": _shopify, "woocommerce": _woocommerce, "segment": _segment}


def _allocated(line: Record) -> Decimal:
    return sum((_set(each, "amount") for each in line.get("discount_allocations", [])), Decimal())


def _set(owner: Record, name: str) -> Decimal:
    return _decimal(owner[f"{name}_set"]["shop_money"]["amount"] if f"{name}_set" in owner else owner[name])


def _decimal(value: object) -> Decimal:
    """Return an amount. Raises ValueError where it is none that a shop has."""
    if isinstance(value, bool) or abs(found := Decimal(str(value))) > MOST:
        raise ValueError(value)
    return found


def not_zero(money: Money) -> Money:
    """Return the amounts that are not 0."""
    return {name: value.normalize() for name, value in money.items() if value}


def _time(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
