"""What Shopify's files say of sales and money, worked out in plain Python from the format's documentation."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from .answer import ZERO, Answer, Body, Line, Payment

if TYPE_CHECKING:
    from collections.abc import Iterator

LONDON = ZoneInfo("Europe/London")


def take(answer: Answer, file: str, body: Body | None) -> None:
    """Take one object of a file."""
    stream = file.split("/")[0]
    if body is None:
        answer.bad_lines |= {(file, "is_json_object")} if stream != "transactions" else set()
        answer.bad_payments |= {(file, "is_json_object")} if stream != "orders" else set()
    elif stream == "orders":
        _order(answer, file, body)
    elif stream == "refunds":
        _refund(answer, file, body, None)
    else:
        _transaction(answer, file, body, body["order_id"])


def _order(answer: Answer, file: str, order: Body) -> None:
    if order.get("order_id") is not None:
        answer.bad_lines.add((file, "not_an_order"))
        return
    for refund in order["refunds"]:
        _refund(answer, file, refund, order)
    if order["test"] or "line_items" not in order:
        answer.bad_lines.add((file, "test_order" if order["test"] else "lines_missing"))
        return
    at = _time(order["updated_at"])
    answer.take(str(order["id"]), str(order["id"]), at, list(_sold(order)))


def _sold(order: Body) -> Iterator[Line]:
    """What is sold: items, what is shipped and not removed, one discount, tips, duties and fees of their own."""
    off, all_off, tips = ZERO, ZERO, ZERO
    of_order = _of_order(order, order, str(order["id"]))
    for item in order["line_items"]:
        back = sum(
            each["quantity"]
            for refund in order["refunds"]
            for each in refund["refund_line_items"]
            if each["line_item_id"] == item["id"]
        )
        pieces = min(item["quantity"], item["current_quantity"] + back)
        tax = sum((_money(each, "price") for each in item["tax_lines"]), ZERO)
        discount = sum((_money(each, "amount") for each in item["discount_allocations"]), ZERO)
        all_off += discount
        off += _share(discount, pieces, item["quantity"])
        price = _money(item, "price")
        tips += price * pieces if "tip_payment_gateway" in item else 0
        yield of_order(
            item["id"], "sale" if pieces else "adjustment", _class(item), pieces, price, price * pieces,
            _share(tax, pieces, item["quantity"]), _product(item),
        )  # fmt: skip
    shipped = shipped_tax = ZERO
    for line in order["shipping_lines"]:
        discount = sum((_money(each, "amount") for each in line["discount_allocations"]), ZERO)
        all_off += discount
        if not line["is_removed"]:
            off += discount
            shipped += _money(line, "price")
            shipped_tax += sum((_money(each, "price") for each in line["tax_lines"]), ZERO)
    duties = ZERO if order["duties_included"] else _set(order["original_total_duties_set"])
    charges = (
        (-1, "shipping", shipped, shipped_tax),
        (-2, "discount", -(off if all_off else _money(order, "total_discounts")), None),
        (-4, "other", max(Decimal(order["total_tip_received"]) - tips, ZERO), None),
        (-5, "other", duties, None),
        (-7, "other", _set(order["original_total_additional_fees_set"]), None),
    )
    for number, line_class, amount, tax in charges:
        if amount:
            yield of_order(number, "adjustment" if amount < 0 else "sale", line_class, 1, amount, amount, tax)


def _refund(answer: Answer, file: str, refund: Body, order: Body | None) -> None:
    is_test = order["test"] if order else any(each["test"] for each in refund["transactions"])
    if is_test:
        answer.bad_lines.add((file, "test_order"))
    else:
        at = _time(order["updated_at"]) if order else None
        found = list(_returned(refund, order)) or [_of_order(refund, order, str(refund["id"]))(
            0, "adjustment", "other", 0, ZERO, ZERO, None
        )]  # fmt: skip
        answer.take(str(refund["order_id"]), str(refund["id"]), at, found)
    for transaction in refund["transactions"]:
        _transaction(answer, file, transaction | {"test": is_test}, refund["order_id"])


def _returned(refund: Body, order: Body | None) -> Iterator[Line]:
    of_refund = _of_order(refund, order, str(refund["id"]))
    for each in refund["refund_line_items"]:
        amount, pieces, item = -_money(each, "subtotal"), -each["quantity"], each["line_item"]
        price = _unit(amount / pieces)
        tax = -_money(each, "total_tax")
        yield of_refund(each["id"], "return", _class(item), pieces, price, amount, tax, _product(item))
    adjusted = [each for each in refund["order_adjustments"] if each["kind"] == "shipping_refund"]
    others = [each for each in refund["order_adjustments"] if each["kind"] != "shipping_refund"]
    shipped = sum((_money(each, "amount") for each in adjusted), ZERO)
    shipped_tax = sum((_money(each, "tax_amount") for each in adjusted), ZERO)
    if not adjusted:
        for each in refund.get("refund_shipping_lines", ()):
            shipped -= _set(each["subtotal_amount_set"])
            taxes = sum((_money(tax, "price") for tax in each["shipping_line"]["tax_lines"]), ZERO)
            shipped_tax -= taxes if shipped else ZERO
    duties = _set(refund.get("total_duties_set")) or sum(
        (_set(each["amount_set"]) for each in refund.get("duties", ())), ZERO
    )
    if shipped:
        yield of_refund(-1, "return", "shipping", -1, -shipped, shipped, shipped_tax)
    if duties:
        yield of_refund(-5, "return", "other", -1, duties, -duties, None)
    rest = sum((_money(each, "amount") for each in others), ZERO)
    if rest:
        tax = sum((_money(each, "tax_amount") for each in others), ZERO)
        yield of_refund(-6, "adjustment", "other", 1, rest, rest, tax)


def _transaction(answer: Answer, file: str, each: Body, order_id: int) -> None:
    if each["kind"] in ("authorization", "void"):
        return
    if each["test"]:
        answer.bad_payments.add((file, "test_order"))
        return
    is_refund, at = each["kind"] == "refund", _time(each["processed_at"])
    names = {"success": "refunded" if is_refund else "paid", "failure": "failed", "error": "failed"}
    amount = Decimal(each["amount"]) * (-1 if is_refund else 1)
    answer.pay(
        Payment(
            *(str(each["id"]), str(order_id), "refund" if is_refund else "payment", each["gateway"]),
            *(names.get(each["status"], each["status"]), amount, each["currency"], at),
            *(at.astimezone(LONDON).date(), at if each["status"] in names else None),
        )
    )


def _of_order(body: Body, order: Body | None, document: str) -> Any:
    """A function that makes lines of a document."""
    at, of = _time(body["processed_at"]), order or {}
    is_refund = body is not order
    status = _status(of) if of else None
    address = of.get("shipping_address") or of.get("billing_address") or {}
    customer = (of.get("customer") or {}).get("id")
    head = (str(body["order_id"] if is_refund else body["id"]), document)
    state = (status if not is_refund or status == "cancelled" else None), at, at.astimezone(LONDON).date()
    who = (None if customer is None else str(customer)), address.get("country_code")
    changed = _time(of["updated_at"]) if of else None

    def make(number: int, kind: str, line_class: str, pieces: int, price: Decimal, amount: Decimal,
             tax: Decimal | None, product: str | None = None) -> Line:  # fmt: skip
        cells = pieces, price, amount, tax, "GBP"
        return Line(*head, number, kind, line_class, *state, changed, who[0], product, who[1], *cells)

    return make


def _status(order: Body) -> str:
    if order["cancelled_at"]:
        return "cancelled"
    if order["fulfillment_status"] == "fulfilled":
        return "fulfilled"
    return "paid" if order["financial_status"] in ("paid", "partially_refunded", "refunded") else "placed"


def _class(item: Body) -> str:
    return "other" if item["gift_card"] or "tip_payment_gateway" in item else "goods"


def _product(item: Body) -> str:
    return str(item["product_id"] or item["sku"] or item["title"])


def _money(owner: Body, name: str) -> Decimal:
    """An amount in the shop's currency."""
    sets = owner.get(f"{name}_set")
    return _set(sets) if sets else Decimal(owner[name])


def _set(sets: Body | None) -> Decimal:
    return Decimal(sets["shop_money"]["amount"]) if sets else ZERO


def _share(amount: Decimal, part: int, whole: int) -> Decimal:
    return (amount * part / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _unit(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _time(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(UTC)
