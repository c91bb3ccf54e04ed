from shoplake.simulate.shopify.customers import customer_body, draw_customers


def test_a_customer_who_moves_is_sent_again_with_the_new_town(shop_of):
    shop = shop_of()
    mover = next(customer for customer in draw_customers(shop) if len(customer.towns) == 2)

    before, after = (customer_body(shop, mover, at) for at, _ in mover.towns)

    assert before["default_address"]["city"] != after["default_address"]["city"]
    assert before["updated_at"] == before["created_at"] != after["updated_at"]


def test_customers_signed_up_before_the_first_day(shop_of):
    assert max(customer.signed_up_at for customer in draw_customers(shop_of())) < shop_of().starts[0]
