import pytest

from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.products import products
from shoplake.transforms.products.personal_candidates import find_bought_products
from shoplake.transforms.products.popularity import find_current_products
from shoplake.transforms.products.rebuying import find_taken_products

LAST = "2026-06-30"
CATEGORIES = {"coffee": "food", "tea": "food", "lamp": "home"}


def buy(product, day, customer="ann"):
    line = {"feed": "shop", "customer_id": customer, "product_id": product, "order_date": day}
    return line | {"kind": "sale", "line_class": "goods", "status": "paid"}


@pytest.fixture
def taken(some):
    """The products that are not to be recommended to a customer, where `food` is bought again."""
    known = [{"feed": "shop", "product_id": name, "category": category} for name, category in CATEGORIES.items()]
    current = find_current_products(some(products, *[each | {"valid_from": "2026-01-01"} for each in known]))

    def taken(*lines, customer="ann", rebuyable=("food",)):
        frame = some(order_lines, *lines, buy("lamp", LAST, "last"))
        rows = find_taken_products(find_bought_products(frame), frame, current, rebuyable).collect()
        return {row.product_id for row in rows if row.customer_id == customer}

    return taken


MONTHLY = [buy("coffee", day, "bob") for day in ("2026-03-01", "2026-03-31", "2026-04-30")]


def test_a_product_comes_back_when_its_usual_gap_has_passed(taken):
    assert taken(*MONTHLY, buy("coffee", "2026-05-31")) == set()
    assert taken(*MONTHLY, buy("coffee", "2026-06-01")) == {"coffee"}


def test_the_usual_gap_is_the_median_of_all_customers(taken):
    often = [buy("coffee", day, "eve") for day in ("2026-04-01", "2026-04-11", "2026-04-21", "2026-05-01")]

    assert taken(*MONTHLY, *often, buy("coffee", "2026-06-20")) == set()
    assert taken(*MONTHLY, *often, buy("coffee", "2026-06-21")) == {"coffee"}


def test_a_product_that_nobody_bought_again_has_the_gap_of_its_category(taken):
    assert taken(*MONTHLY, buy("tea", "2026-05-31")) == set()
    assert taken(*MONTHLY, buy("tea", "2026-06-01")) == {"tea"}


def test_without_any_gap_a_product_of_these_categories_comes_back_at_once(taken):
    assert taken(buy("tea", LAST)) == set()


def test_other_categories_never_come_back(taken):
    assert taken(buy("lamp", "2026-01-01")) == {"lamp"}
    assert taken(*MONTHLY, buy("coffee", "2026-01-01"), rebuyable=()) == {"coffee"}
