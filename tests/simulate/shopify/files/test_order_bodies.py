from decimal import Decimal

ZERO = Decimal(0)


def money(owner, name):
    return Decimal(owner[name])


def total_of(order):
    """What the lines of a body add up to."""
    lines = order["line_items"] + order["shipping_lines"]
    taxes = [] if order["taxes_included"] else [tax for line in lines for tax in line["tax_lines"]]
    discounts = [part for line in lines for part in line["discount_allocations"]]
    goods = sum(money(line, "price") * line.get("quantity", 1) for line in lines)
    return goods + sum(money(tax, "price") for tax in taxes) - sum(money(part, "amount") for part in discounts)


def test_lines_taxes_and_discounts_add_up_to_the_total_as_ordered(clean):
    first = {}
    for body in clean.bodies("orders"):
        first.setdefault(body["id"], body)

    assert {order["id"]: money(order, "total_price") for order in first.values()} == {
        order["id"]: total_of(order) for order in first.values()
    }


def test_a_body_shows_only_what_happened_until_it_was_updated(clean):
    for body in clean.bodies("orders"):
        assert all(refund["created_at"] <= body["updated_at"] for refund in body["refunds"])
        assert body["cancelled_at"] is None or body["cancelled_at"] <= body["updated_at"]


def test_what_is_left_of_an_item_is_what_was_neither_removed_nor_refunded(clean):
    for body in clean.bodies("orders"):
        back = [each for refund in body["refunds"] for each in refund["refund_line_items"]]
        for item in body["line_items"]:
            returned = sum(each["quantity"] for each in back if each["line_item_id"] == item["id"])
            assert 0 <= item["current_quantity"] <= item["quantity"] - returned


def test_an_amount_is_the_shops_and_beside_it_what_the_customer_pays(clean):
    for body in clean.bodies("orders"):
        both = body["total_price_set"]
        assert both["shop_money"] == {"amount": body["total_price"], "currency_code": "GBP"}
        assert both["presentment_money"]["currency_code"] == body["presentment_currency"]
        is_same = both["shop_money"] == both["presentment_money"]
        assert is_same == (body["presentment_currency"] == "GBP")


def test_a_refund_alone_is_the_one_within_its_order(clean):
    nested = {refund["id"]: refund for body in clean.bodies("orders") for refund in body["refunds"]}

    assert {refund["id"]: refund for refund in clean.bodies("refunds")} == nested != {}
