"""What WooCommerce's files say of sales and money, worked out in plain Python from the format's documentation."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from .answer import ZERO, Answer, Body, Line, Payment

if TYPE_CHECKING:
    from collections.abc import Iterator

LONDON = ZoneInfo("Europe/London")
STATUS = {"pending": "placed", "on-hold": "placed", "processing": "paid", "refunded": "paid", "completed": "fulfilled"}
STATUS |= dict.fromkeys(("cancelled", "failed", "trash"), "cancelled")


def take(answer: Answer, file: str, body: Body | None) -> None:
    """Take one object of a file."""
    if body is None:
        answer.bad_lines.add((file, "is_json_object"))
        answer.bad_payments.add((file, "is_json_object"))
    elif file.startswith("refunds"):
        _refund(answer, body)
    else:
        _order(answer, file, body)


def _order(answer: Answer, file: str, order: Body) -> None:
    number, changed = str(order["id"]), _time(order["date_modified_gmt"])
    if paid := order.get("date_paid_gmt"):
        what = number, number, "payment", order["payment_method"] or None, "paid"
        at = _time(paid)
        amount = Decimal(order["total"])
        answer.pay(Payment(*what, amount, order["currency"], at, at.astimezone(LONDON).date(), changed))
    if "line_items" not in order:
        answer.bad_lines.add((file, "lines_missing"))
        return
    answer.take(number, number, changed, list(_sold(order, changed)))


def _sold(order: Body, changed: datetime) -> Iterator[Line]:
    at, number = _time(order["date_created_gmt"]), str(order["id"])
    country = order["shipping"]["country"] or order["billing"]["country"]
    customer = str(order["customer_id"]) if order["customer_id"] else None
    left = Decimal(order["total"])

    def make(line: int, kind: str, line_class: str, pieces: int, amount: Decimal, tax: Decimal | None,
             product: str | None = None) -> Line:  # fmt: skip
        nonlocal left
        left -= amount + (tax or 0)
        state = STATUS.get(order["status"]), at, at.astimezone(LONDON).date(), changed
        cells = pieces, _unit(amount / pieces), amount, tax, order["currency"]
        return Line(number, number, line, kind, line_class, *state, customer, product, country, *cells)

    for item in order["line_items"]:
        money = Decimal(item["subtotal"]), Decimal(item["total_tax"])
        yield make(item["id"], "sale", "goods", item["quantity"], *money, _product(item))
    for fee in order["fee_lines"]:
        amount = Decimal(fee["total"])
        kind = "adjustment" if amount < 0 else "sale"
        yield make(fee["id"], kind, "other", 1, amount, Decimal(fee["total_tax"]))
    if shipping := Decimal(order["shipping_total"]):
        yield make(-1, "sale", "shipping", 1, shipping, Decimal(order["shipping_tax"]))
    if discount := Decimal(order["discount_total"]):
        yield make(-2, "adjustment", "discount", 1, -discount, None)
    if left:
        yield make(-6, "adjustment", "other", 1, left, None)


def _refund(answer: Answer, refund: Body) -> None:
    number, at = str(refund["id"]), _time(refund["date_created_gmt"])
    of = str(refund.get("parent_id") or refund["_links"]["up"][0]["href"].rsplit("/", 1)[1])
    date = at.astimezone(LONDON).date()
    lines: list[Line] = []

    def add(line: int, kind: str, line_class: str, pieces: int, amount: Decimal, tax: Decimal | None,
            product: str | None = None) -> None:  # fmt: skip
        price = _unit(amount / pieces) if pieces else ZERO
        cells: tuple[Any, ...] = (pieces, price, amount, tax, "GBP")
        lines.append(Line(of, number, line, kind, line_class, None, at, date, None, None, product, None, *cells))

    for item in refund["line_items"]:
        money = Decimal(item["total"]), Decimal(item["total_tax"])
        kind = ("return", "goods", item["quantity"]) if item["quantity"] else ("adjustment", "other", 1)
        add(item["id"], *kind, *money, _product(item))
    for fee in refund["fee_lines"]:
        amount = Decimal(fee["total"])
        kind = ("return", "other", -1) if amount < 0 else ("adjustment", "other", 1)
        add(fee["id"], *kind, amount, Decimal(fee["total_tax"]))
    shipped, tax = (
        sum((Decimal(each[name]) for each in refund["shipping_lines"]), ZERO) for name in ("total", "total_tax")
    )
    if shipped:
        add(-1, "return", "shipping", -1, shipped, tax)
    rest = -Decimal(refund["amount"]) - sum((line.amount + (line.tax or 0) for line in lines), ZERO)
    if rest:
        add(-6, "adjustment" if rest < 0 else "sale", "other", 1, rest, None)
    if not lines:
        add(0, "adjustment", "other", 0, ZERO, None)
    answer.take(of, number, None, lines)
    amount = -Decimal(refund["amount"])
    answer.pay(Payment(number, of, "refund", None, "refunded", amount, "GBP", at, date, None))


def _product(item: Body) -> str:
    return str(item["product_id"] or item["sku"] or item["name"])


def _unit(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _time(at: str) -> datetime:
    return datetime.fromisoformat(at).replace(tzinfo=UTC)
