def test_what_is_paid_settles_each_order_without_a_planted_cause(shop):
    planted = f"""SELECT order_id FROM read_parquet('{shop.folder}/ground_truth/reconciliation.parquet')
        WHERE cause IN ('unpaid', 'overpaid', 'chargeback')"""
    differs = f"""SELECT order_id FROM orders WHERE status <> 'cancelled'
        AND paid <> round(gross - discount + shipping, 2) AND order_id NOT IN ({planted})"""

    assert shop.rows(differs) == []
    assert len(shop.rows(planted)) > 5


def test_payments_are_in_whole_cents_and_numbered(shop):
    payments = "(SELECT order_id, unnest(payments) AS payment, generate_subscripts(payments, 1) AS n FROM orders)"

    assert shop.value(f"SELECT count(*) FROM {payments} WHERE payment.amount <> round(payment.amount, 2)") == 0
    assert shop.value(f"SELECT count(*) FROM {payments} WHERE payment.payment_id <> order_id || '-' || n") == 0


def test_every_status_occurs_and_a_cancelled_order_is_not_paid(shop):
    statuses = shop.rows("SELECT DISTINCT unnest([each.status FOR each IN payments]) FROM order_versions")

    assert {status for (status,) in statuses} == {"paid", "failed", "cancelled", "chargeback"}
    assert shop.value("SELECT sum(paid) FROM orders WHERE status = 'cancelled'") == 0


def test_an_edit_adds_a_payment_of_the_difference(shop):
    edited = """SELECT o.paid - f_paid, (o.gross - first_gross) FROM orders o JOIN (SELECT order_id,
        list_sum([line.quantity * line.unit_price FOR line IN lines]) AS first_gross,
        list_sum([each.amount FOR each IN payments IF each.status = 'paid']) AS f_paid FROM first_orders)
        USING (order_id) WHERE o.status <> 'cancelled' AND o.gross <> first_gross"""

    rows = shop.rows(edited)

    assert rows and all(abs(paid - more) < 0.01 for paid, more in rows)
