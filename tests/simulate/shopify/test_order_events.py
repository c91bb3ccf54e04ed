def test_nothing_happens_after_the_last_day(orders, shop_of):
    moments = [at for order in orders for at in order.updates]
    moments += [each.at for order in orders for each in order.transactions]

    assert max(moments) < shop_of().ends_at


def test_an_order_is_edited_before_it_is_paid(orders):
    edited = [order for order in orders if order.edited_at]

    assert {order.transactions[0].status for order in edited} == {"pending"}
    assert all(order.paid_at is None or order.paid_at > order.edited_at for order in edited)
    assert {any(item.added_at for item in order.items) for order in edited} == {True, False}
    assert {any(item.removed for item in order.items) for order in edited} == {True, False}


def test_no_more_pieces_come_back_than_were_sold(orders):
    for order in orders:
        for item in order.items:
            back = sum(each.quantity for refund in order.refunds for each in refund.items if each.item is item)
            assert 0 <= back <= item.sold <= item.quantity


def test_some_orders_are_refunded_in_part_twice_and_with_their_shipping(orders):
    refunded = [order for order in orders if order.refunds and order.cancelled_at is None]

    assert {len(order.refunds) for order in refunded} == {1, 2}
    assert {refund.shipping > 0 for order in refunded for refund in order.refunds} == {True, False}
    assert {refund.discrepancy for order in refunded for refund in order.refunds} == {0, 99, 250, 300}


def test_a_cancelled_order_that_was_paid_is_paid_back_whole(orders):
    paid_back = [order for order in orders if order.cancelled_at and order.paid_at and order.currency == "GBP"]

    assert paid_back
    for order in paid_back:
        assert sum(refund.transaction.amount for refund in order.refunds) == order.total(edited=True)


def test_payments_of_an_order_add_up_to_its_total(orders):
    split = [order for order in orders if order.transactions[0].gateway == "gift_card" and order.currency == "GBP"]

    assert split
    for order in split:
        assert sum(each.amount for each in order.transactions if each.kind == "sale") == order.total(edited=True)
