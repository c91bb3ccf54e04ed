"""Ground truth of orders, payments and refunds, recomputed by DuckDB from the files."""

SALES = """
SELECT order_date, count(DISTINCT order_id), sum(units)::INTEGER, sum(goods)::DECIMAL(18,2),
    sum(discount)::DECIMAL(18,2), sum(shipping)::DECIMAL(18,2)
FROM orders JOIN (SELECT order_id, sum(quantity) AS units, sum(quantity * unit_price) AS goods
    FROM order_lines GROUP BY ALL) USING (order_id)
GROUP BY ALL
"""


def test_the_sales_of_each_local_day_match_the_ground_truth(clean):
    actual = {day: (orders, units, *map(str, money)) for day, orders, units, *money in clean.rows(SALES)}

    assert actual == {day: tuple(sales.values())[:5] for day, sales in clean.ground_truth["sales_daily"].items()}


def test_returns_count_on_the_refunds_local_day(clean):
    actual = clean.column("SELECT refund_date, sum(amount)::VARCHAR FROM refunds GROUP BY ALL")

    daily = {
        day: sales["returns"] for day, sales in clean.ground_truth["sales_daily"].items() if sales["returns"] != "0.00"
    }
    assert actual == daily
    assert len(clean.rows("FROM refunds")) == clean.ground_truth["refunds"] > 0


def test_paid_payments_settle_each_order(clean):
    unsettled = clean.rows(
        """SELECT order_id FROM orders
        JOIN (SELECT order_id, sum(quantity * unit_price) AS goods FROM order_lines GROUP BY ALL) USING (order_id)
        WHERE list_sum([p.amount FOR p IN payments IF p.status = 'paid']) <> goods - discount + shipping"""
    )

    assert unsettled == []


def test_payments_match_the_ground_truth(clean):
    actual = clean.rows(
        """SELECT count(*) FILTER (status = 'paid'), count(*) FILTER (status = 'failed'),
        (sum(amount) FILTER (status = 'paid'))::VARCHAR
        FROM (SELECT unnest(payments, recursive := true) FROM orders)"""
    )

    assert actual == [tuple(clean.ground_truth["payments"].values())]


def test_net_sales_are_gross_less_discounts_and_returns(clean):
    cents = {
        name: int(clean.ground_truth[name].replace(".", ""))
        for name in ("gross_sales", "discounts", "returns", "net_sales")
    }

    assert cents["net_sales"] == cents["gross_sales"] - cents["discounts"] - cents["returns"]


def test_only_orders_by_phone_have_no_purchase_event(clean):
    actual = clean.rows("SELECT count(*) FROM orders ANTI JOIN events USING (order_id)")

    assert actual == [(clean.ground_truth["orders_without_events"],)]
    assert clean.rows("SELECT DISTINCT order_id FROM events SEMI JOIN orders USING (order_id)") != []
    assert clean.rows("FROM events ANTI JOIN orders USING (order_id) WHERE order_id IS NOT NULL") == []
