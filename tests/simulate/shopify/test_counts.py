"""The ground truth, recomputed in plain Python from the last body of each order in the files."""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def last_orders(landing):
    orders = {}
    for body in landing.bodies("orders"):
        if body["id"] not in orders or body["updated_at"] >= orders[body["id"]]["updated_at"]:
            orders[body["id"]] = body
    return [order for order in orders.values() if not order["test"]]


def sold(order, item):
    back = [each for refund in order["refunds"] for each in refund["refund_line_items"]]
    returned = sum(each["quantity"] for each in back if each["line_item_id"] == item["id"])
    return item["current_quantity"] + returned


def part(order, item, amount):
    share = Decimal(amount) * sold(order, item) / item["quantity"]
    return share.quantize(CENT, ROUND_HALF_UP)


def money(parts, name="amount"):
    return sum((Decimal(each[name]) for each in parts), Decimal(0))


def add_order(sums, order):
    goods = [item for item in order["line_items"] if not item["gift_card"] and sold(order, item)]
    gross = sum(Decimal(item["price"]) * sold(order, item) for item in goods)
    if order["cancelled_at"]:
        sums.update(cancelled_orders=bool(goods), cancelled_sales=gross)
        return
    sums.update(orders=bool(goods), units=sum(sold(order, item) for item in goods), gross_sales=gross)
    for item in order["line_items"]:
        sums["discounts"] += part(order, item, money(item["discount_allocations"]))
        sums["tax"] += part(order, item, money(item["tax_lines"], "price"))
        sums["other"] += Decimal(item["price"]) * sold(order, item) * item["gift_card"]
    for line in order["shipping_lines"]:
        sums["discounts"] += money(line["discount_allocations"])
        sums["tax"] += money(line["tax_lines"], "price")
        sums["shipping"] += Decimal(line["price"])


def add_refund(sums, refund):
    for each in refund["refund_line_items"]:
        sums["other" if each["line_item"]["gift_card"] else "returns"] += Decimal(each["subtotal"]) * (
            -1 if each["line_item"]["gift_card"] else 1
        )
        sums["tax"] -= Decimal(each["total_tax"])
    for each in refund["order_adjustments"]:
        sums["shipping" if each["kind"] == "shipping_refund" else "other"] += Decimal(each["amount"])
        sums["tax"] += Decimal(each["tax_amount"])


def test_sales_of_each_day_are_those_of_the_last_bodies_in_the_files(clean):
    days = {}
    for order in last_orders(clean):
        add_order(days.setdefault(order["created_at"][:10], Counter()), order)
        for refund in order["refunds"] if not order["cancelled_at"] else []:
            add_refund(days.setdefault(refund["created_at"][:10], Counter()), refund)

    truth = clean.ground_truth["sales_daily"]
    names = ("orders", "units", "gross_sales", "discounts", "returns", "shipping", "other", "cancelled_orders")
    names += ("cancelled_sales", "tax")
    assert {day: [sums[name] for name in names] for day, sums in days.items()} == {
        day: [Decimal(sales[name] or 0) for name in names] for day, sales in truth.items()
    }


def test_net_sales_are_gross_less_discounts_and_returns(clean):
    for sales in clean.ground_truth["sales_daily"].values():
        parts = [Decimal(sales[name]) for name in ("gross_sales", "discounts", "returns")]
        assert Decimal(sales["net_sales"]) == parts[0] - parts[1] - parts[2]


def test_payments_of_each_day_and_currency_are_those_of_the_transactions(clean):
    days = {}
    for body in clean.bodies("transactions"):
        if body["test"] or body["kind"] == "authorization":
            continue
        done = {"success": "paid", "failure": "failed", "pending": "pending"}[body["status"]]
        status = "refunded" if body["kind"] == "refund" else done
        sums = days.setdefault((body["created_at"][:10], body["currency"]), Counter())
        sums.update({status: 1, f"{status}_total": Decimal(body["amount"])})

    truth = clean.ground_truth["payments_daily"]
    assert days.keys() == {(date, currency) for date, by_currency in truth.items() for currency in by_currency}
    for (date, currency), sums in days.items():
        payments = truth[date][currency]
        assert {name: sums[name] for name in payments} == {name: Decimal(cell) for name, cell in payments.items()}
