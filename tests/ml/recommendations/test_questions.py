from datetime import date

from shoplake.ml.recommendations.questions import (
    Question,
    Sale,
    ask_for_missing_products,
    ask_for_new_products,
    select_training_baskets,
)

SPLIT = date(2026, 5, 1)
BEFORE, AFTER = date(2026, 3, 2), date(2026, 5, 1)
PLACES = {"a": 0, "b": 1, "c": 2}


def test_training_has_the_baskets_before_the_split_alone():
    sales = [Sale("2", "ann", "b", BEFORE), Sale("2", "ann", "a", BEFORE), Sale("3", "ann", "c", AFTER)]

    assert select_training_baskets(sales, SPLIT) == [["a", "b"]]


def test_a_customer_is_asked_for_what_is_new_and_cold_products_are_counted():
    sales = [Sale("1", "ann", "a", BEFORE), *[Sale("2", "ann", product, AFTER) for product in ("a", "b", "new")]]

    [question] = ask_for_new_products(sales, PLACES, SPLIT)

    assert question == Question({0: 0.5}, frozenset({1}), 1)


def test_the_last_purchase_of_a_product_gives_its_weight():
    sales = [Sale("1", "ann", "a", date(2026, 1, 1)), Sale("2", "ann", "a", BEFORE), Sale("3", "ann", "b", AFTER)]

    assert ask_for_new_products(sales, PLACES, SPLIT)[0].context == {0: 0.5}
    assert ask_for_new_products(sales[::-1], PLACES, SPLIT)[0].context == {0: 0.5}


def test_guests_new_customers_and_those_who_buy_nothing_new_are_not_asked():
    sales = [
        *(Sale("1", None, "a", BEFORE), Sale("2", None, "b", AFTER)),
        Sale("3", "new", "a", AFTER),
        *(Sale("4", "same", "a", BEFORE), Sale("5", "same", "a", AFTER)),
    ]

    assert ask_for_new_products(sales, PLACES, SPLIT) == []


def test_one_product_of_a_basket_is_hidden_and_the_rest_is_the_context():
    sales = [Sale("1", None, product, AFTER) for product in "abc"]

    [question] = ask_for_missing_products(sales, PLACES, SPLIT)

    [hidden] = question.relevant
    assert question.context == dict.fromkeys({0, 1, 2} - {hidden}, 1.0)


def test_the_hidden_product_does_not_depend_on_the_order_of_rows():
    sales = [Sale(str(order), None, product, AFTER) for order in range(20) for product in "abc"]

    asked = ask_for_missing_products(sales, PLACES, SPLIT)

    assert ask_for_missing_products(sales[::-1], PLACES, SPLIT) == asked
    assert ask_for_missing_products(sales, PLACES, SPLIT, seed=8) != asked
    assert len({question.relevant for question in asked}) == 3


def test_baskets_of_one_product_and_those_before_the_split_are_not_asked():
    sales = [Sale("1", None, "a", AFTER), Sale("2", None, "a", BEFORE), Sale("2", None, "b", BEFORE)]

    assert ask_for_missing_products(sales, PLACES, SPLIT) == []
