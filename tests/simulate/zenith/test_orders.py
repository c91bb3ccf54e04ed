import json

from shoplake.simulate.zenith.orders import Line, Order, Payment, Refund, format_order, format_refund

AT = "1970-01-01T00:00:01.000Z"
LINES = [Line(1, "P1", 2, 999), Line(2, "P2", 1, 5)]
PAID = Payment("O1-2", "card", 2003, "paid", 1_000)
ORDER = Order("O1", 1_000, "C1", "GB", LINES, 0, 0, [Payment("O1-1", "card", 2003, "failed", 1_000), PAID])


def test_an_order_is_a_line_of_json_with_money_as_decimals():
    text = format_order(ORDER, "GBP")

    record = json.loads(text)
    assert text.endswith("}\n")
    assert (record["order_id"], record["ordered_at"], record["customer_id"], record["currency"]) == (
        "O1",
        AT,
        "C1",
        "GBP",
    )
    assert [line["unit_price"] for line in record["lines"]] == [9.99, 0.05]
    assert [each["status"] for each in record["payments"]] == ["failed", "paid"]


def test_an_order_without_a_customer_says_null():
    assert json.loads(format_order(Order("O1", 0, None, "GB", LINES), "GBP"))["customer_id"] is None


def test_a_refund_names_the_payment_that_was_paid_and_what_comes_back():
    record = json.loads(format_refund(Refund("R1", ORDER, 1_000, LINES[:1]), "GBP"))

    assert (record["refund_id"], record["order_id"], record["payment_id"]) == ("R1", "O1", "O1-2")
    assert record["amount"] == 19.98


def test_goods_and_refunds_add_up_in_cents():
    assert (ORDER.goods, LINES[0].amount, Refund("R1", ORDER, 0, LINES).amount) == (2003, 1998, 2003)
