from shoplake.simulate.shopify.order_generator import allocate


def test_a_discount_is_shared_out_to_the_cent():
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(500, [999, 1, 2_000]) == [167, 0, 333]


def test_orders_are_as_many_as_asked_for_and_in_order_of_time(orders):
    assert len({order.id for order in orders}) == 600
    assert [order.at for order in orders] == sorted(order.at for order in orders)


def test_gift_cards_have_neither_tax_nor_discount(orders):
    cards = [item for order in orders for item in order.items if item.product.is_gift_card]

    assert cards
    assert {(item.tax, item.discount) for item in cards} == {(0, 0)}


def test_there_are_guests_counter_sales_codes_and_tests(orders):
    assert {order.customer is None for order in orders} == {True, False}
    assert {order.source for order in orders} == {"web", "pos"}
    assert {order.code for order in orders} == {None, "SPRING10", "FIVER", "FREESHIP"}
    assert {order.is_test for order in orders} == {True, False}
