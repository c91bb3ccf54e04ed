"""Order values and sales worked out in plain Python from the rows of silver: nothing here knows the tables of gold."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Row = dict[str, Any]
CENT = Decimal("0.01")


def allocate(total: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """Parts of a total in cents by the largest remainder; a rest below a cent goes to the next row."""
    weights = weights if any(weights) else [Decimal(1)] * len(weights)
    cents, rest = divmod(abs(total), CENT)
    exact = [Fraction(cents) * Fraction(each) / Fraction(sum(weights)) for each in weights]
    parts = [int(each) * CENT for each in exact]
    more = int(cents) - sum(map(int, exact))
    for place, at in enumerate(sorted(range(len(exact)), key=lambda at: (int(exact[at]) - exact[at], at))):
        parts[at] += CENT if place < more else rest if place == more else 0
    return [part if total >= 0 else -part for part in parts]


def order_values(lines: Iterable[Row], products: Iterable[Row], currency: str) -> dict[tuple[Any, ...], Row]:
    """The order values by order, document, line number and kind; each has its returns as (day, quantity, amount)."""
    documents = defaultdict(list)
    for line in lines:
        documents[line["order_id"], line["document_id"], line["currency"] or currency].append(line)
    values: dict[tuple[Any, ...], Row] = {}
    for (order, document, code), members in documents.items():
        goods = [each for each in members if each["line_class"] == "goods" and each["kind"] == "sale"]
        goods.sort(key=lambda line: line["line_number"])
        discounts = [each for each in members if each["line_class"] == "discount"]
        parts = allocate(sum((-each["amount"] for each in discounts), Decimal(0)), [abs(_money(g)) for g in goods])
        rows = [(line, "sale", part) for line, part in zip(goods, parts, strict=True)]
        rows += [] if goods else [(line, "discount", -line["amount"]) for line in discounts]
        for line, kind, part in rows:
            cells = {"currency": code, "gross": line["amount"] if kind == "sale" else Decimal(0), "discount": part}
            values[order, document, line["line_number"], kind] = line | cells | {"kind": kind, "returns": []}
    _add_returns(values, [each for members in documents.values() for each in members], currency)
    versions = defaultdict(list)
    for version in products:
        versions[version["product_id"]].append(version)
    for value in values.values():
        value |= _product(value, versions, currency) | {"is_cancelled": value["status"] == "cancelled"}
    _mark_first_orders(values)
    return values


def _add_returns(values: dict[tuple[Any, ...], Row], lines: list[Row], currency: str) -> None:
    sold = defaultdict(list)
    for key in sorted(key for key in values if key[3] == "sale"):
        sold[key[0], values[key]["product_id"], values[key]["currency"]].append(key)
    for line in lines:
        if line["line_class"] == "goods" and line["kind"] == "return" and line["status"] != "cancelled":
            code = line["currency"] or currency
            _add_return(values, sold[line["order_id"], line["product_id"], code], line, code)


def _money(line: Row) -> Decimal:
    return line["amount"] or Decimal(0)


def _add_return(values: dict[tuple[Any, ...], Row], same: list[tuple[Any, ...]], line: Row, code: str) -> None:
    numbered = [key for key in same if key[2] == line["line_number"]]
    each = (line["order_date"], -line["quantity"], -line["amount"])
    if same:
        values[(numbered or same)[0]]["returns"].append(each)
        return
    key = (line["order_id"], line["document_id"], line["line_number"], "return")
    nothing = {"currency": code, "gross": Decimal(0), "discount": Decimal(0)}
    values[key] = line | nothing | {"returns": [each]}


def _product(value: Row, versions: dict[str, list[Row]], currency: str) -> Row:
    """Category and cost of the order's time; the cost of an order in another currency is unknown, as are rates."""
    at = value["ordered_at"]
    valid = [
        each
        for each in versions[value["product_id"]]
        if each["valid_from"] <= at and (each["valid_to"] is None or at < each["valid_to"])
    ]
    found: Row = valid[0] if valid else {"category": None, "cost": None}
    return {"category": found["category"], "unit_cost": found["cost"] if value["currency"] == currency else None}


def _mark_first_orders(values: dict[tuple[Any, ...], Row]) -> None:
    firsts: dict[str, tuple[Any, ...]] = {}
    for each in filter(_is_sale, values.values()):
        moment = (each["ordered_at"], each["order_id"])
        firsts[each["customer_id"]] = min(moment, firsts.get(each["customer_id"], moment))
    for each in values.values():
        is_first = _is_sale(each) and each["order_id"] == firsts[each["customer_id"]][1]
        each["is_first_order"] = None if each["customer_id"] is None else is_first


def _is_sale(value: Row) -> bool:
    return bool(value["kind"] == "sale" and not value["is_cancelled"])


def sales(values: Iterable[Row], by: Callable[[Row], Any]) -> dict[tuple[Any, ...], Row]:
    """Gross, discounts, returns, cost and orders by day, currency and `by`."""
    days: dict[tuple[Any, ...], Row] = defaultdict(lambda: defaultdict(Decimal))
    orders = defaultdict(set)
    for value in values:
        day = days[value["order_date"], value["currency"], by(value)]
        cost = value["unit_cost"] or Decimal(0)
        is_sale = _is_sale(value)
        day["gross_sales"] += value["gross"] if is_sale else 0
        day["discounts"] += 0 if value["is_cancelled"] else value["discount"]
        day["cost"] += cost * value["quantity"] if is_sale else 0
        if is_sale:
            orders[value["order_date"], value["currency"], by(value)].add(value["order_id"])
        for on, quantity, amount in value["returns"]:
            days[on, value["currency"], by(value)]["returns"] += amount
            days[on, value["currency"], by(value)]["cost"] -= cost * quantity
    for key, day in days.items():
        day["orders"] = len(orders[key])
    return days
