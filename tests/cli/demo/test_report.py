import io
from datetime import date

import pytest
from rich.console import Console

from shoplake.cli.demo.report import print_best_customers, print_cohorts, print_interest, print_purchase_drivers

PRODUCT = {"product_name": "Mug", "category": "Kitchen", "views": 90, "carts": 9, "orders": 3}


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=80, color_system=None)


def lines(console: Console) -> list[str]:
    return console.file.getvalue().splitlines()


def test_products_with_one_name_are_distinguished_by_their_ids(console):
    print_interest(console, [PRODUCT | {"product_id": "P1"}, PRODUCT | {"product_id": "P2", "views": 10}])
    assert lines(console)[0] == "Most viewed: Mug. The top 2 of 2 products get 100.0 % of the views."
    assert [line[:6] for line in lines(console) if line.startswith("Mug")] == ["Mug P1", "Mug P2"]


def test_the_narrowest_step_of_the_funnel_is_named(console):
    funnel = [{"step": "page_view", "sessions": 100}, {"step": "add_to_cart", "sessions": 40}]
    funnel.append({"step": "purchase", "sessions": 4})
    print_purchase_drivers(console, funnel, {"channel": [{"name": "email", "sessions": 50, "converting": 5}]})
    assert lines(console)[0] == "Narrowest step: 10.0 % of add_to_cart sessions continue to purchase."
    assert [line.split()[:4] for line in lines(console) if line.startswith("email")] == [["email", "50", "5", "10.0"]]


def test_a_lake_without_sales_has_empty_tables(console):
    print_best_customers(console, [], [], [], "GBP")
    assert "net GBP" in lines(console)[0] and "best customers" in lines(console)[-1]


def test_a_month_that_is_not_over_has_an_empty_cell(console):
    march = {"cohort_month": date(2026, 3, 1), "customers": 4, "active": 4}
    april = march | {"cohort_month": date(2026, 4, 1), "customers": 2}
    rows = [march | {"month_number": 0, "retention": 1.0}, march | {"month_number": 1, "retention": 0.5}]

    print_cohorts(console, [*rows, april | {"month_number": 0, "retention": 1.0}])

    _, first, second = lines(console)
    assert first.split() == ["March", "2026", "4", "█", "100.0", "%", "▒", "50.0", "%"]
    assert second.split() == ["April", "2026", "2", "█", "100.0", "%"]
