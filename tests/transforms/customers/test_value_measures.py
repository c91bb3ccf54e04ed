from datetime import date
from decimal import Decimal

import pytest

from shoplake.tables.gold.sales.order_values import order_values
from shoplake.transforms.customers.value_measures import ADDITIVE, MEASURES, aggregate_values, dated_values, known

SALE = {"feed": "shop", "order_id": "o1", "kind": "sale", "order_date": "2026-03-01", "customer_id": "c1"}
SALE |= {"is_cancelled": False, "is_first_order": True, "quantity": 3, "gross": "30.00", "discount": "3.00"}
SALE |= {"unit_cost": "4.00", "cost": "12.00", "margin": "15.00", "returns": []}
BACK = {"return_date": date(2026, 3, 5), "quantity": 1, "amount": Decimal("10.00"), "tax": None}


@pytest.fixture
def build(some):
    """The measures of order values by day."""

    def build(*values):
        dated = dated_values(some(order_values, *values))
        return aggregate_values(dated, ["feed", "sales_date"]).orderBy("sales_date").collect()

    return build


def amounts(row, *names):
    return tuple(row[name] for name in names)


def test_sales_are_summed_on_the_day_of_the_order(build):
    [day] = build(SALE, SALE | {"order_id": "o2", "is_first_order": False, "gross": "0.3333", "customer_id": None})

    assert amounts(day, "orders", "first_orders", "customers", "units_sold") == (2, 1, 1, 6)
    assert amounts(day, "gross_sales", "discounts", "net_sales") == (Decimal("30.3333"), 6, Decimal("24.3333"))
    assert amounts(day, "cost", "margin", "average_order_value") == (24, 30, Decimal("12.17"))


def test_a_return_counts_on_its_own_day_and_takes_its_cost_back(build):
    sold, returned = build(SALE | {"returns": [BACK]})

    assert amounts(sold, "returns", "net_sales", "cost") == (0, 27, 12)
    assert amounts(returned, "orders", "units_sold", "gross_sales", "discounts") == (0, 0, 0, 0)
    assert amounts(returned, "returns", "net_sales", "cost", "margin") == (10, -10, -4, -6)
    assert returned.average_order_value is None


def test_a_cancelled_order_counts_apart_and_its_returns_stay(build):
    cancelled, returned = build(SALE | {"is_cancelled": True, "returns": [BACK]})

    assert amounts(cancelled, "orders", "first_orders", "units_sold", "gross_sales", "discounts") == (0, 0, 0, 0, 0)
    assert amounts(cancelled, "cost", "margin", "cancelled_orders", "cancelled_sales") == (0, 0, 1, 30)
    assert returned.returns == 10


def test_a_discount_without_goods_lowers_net_sales_and_margin(build):
    row = SALE | {"kind": "discount", "quantity": 0, "gross": 0, "cost": 0, "margin": "-3.00"}

    [day] = build(row)

    assert amounts(day, "orders", "discounts", "net_sales", "margin") == (0, 3, -3, -3)


def test_unknown_amounts_are_null_and_left_out_beside_known_ones(build):
    unknown = SALE | {"gross": None, "cost": None, "margin": None}

    [alone] = build(unknown)
    [beside] = build(unknown, SALE)

    assert amounts(alone, "gross_sales", "net_sales", "cost", "margin") == (None, None, None, None)
    assert amounts(beside, "gross_sales", "cost", "margin") == (30, 12, 15)


def test_dimensions_are_kept_and_the_unknown_is_a_value(some):
    rows = some(order_values, SALE | {"country": None, "returns": [BACK]}).withColumn("country", known("country"))

    output = aggregate_values(dated_values(rows, "country"), ["country"]).collect()

    assert [amounts(row, "country", "net_sales") for row in output] == [("(unknown)", 17)]


def test_the_measures_have_their_declared_types(some):
    rows = aggregate_values(dated_values(some(order_values)), ["feed"])

    columns = [(field.name, field.dataType.simpleString()) for field in rows.schema]
    assert columns == [("feed", "string"), *[(each.name, each.type) for each in MEASURES]]


def test_a_measure_says_that_it_is_not_additive():
    assert {each.name for each in MEASURES if "not additive" not in each.doc} == set(ADDITIVE)
