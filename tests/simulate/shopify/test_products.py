from shoplake.simulate.shopify.products import draw_products


def test_a_product_has_the_price_of_the_time(shop_of):
    changed = next(product for product in draw_products(shop_of()) if len(product.prices) > 1)
    (first_at, first), (second_at, second) = changed.prices[:2]

    assert [changed.price_at(at) for at in (first_at, second_at - 1, second_at)] == [first, first, second]
    assert first != second


def test_one_in_twenty_five_is_a_gift_card(shop_of):
    assert sum(product.is_gift_card for product in draw_products(shop_of())) == 2
