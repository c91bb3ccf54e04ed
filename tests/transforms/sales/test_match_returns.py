from decimal import Decimal

import pytest

from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.transforms.sales.match_returns import match_returns, total_returned

SALE = {"feed": "shop", "order_id": "o1", "document_id": "o1", "line_number": 1, "product_id": "lamp"}
RETURN = SALE | {"document_id": "r1", "order_date": "2026-03-05", "quantity": -2, "amount": "-9.00", "tax": "-1.00"}


@pytest.fixture
def match(some):
    """The quantities returned by line number, and the documents of the returns that match no line."""

    def match(sales, returns):
        matched, unmatched = match_returns(some(order_lines, *sales), some(order_lines, *returns))
        quantities = {row.line_number: [each.quantity for each in row.returns] for row in matched.collect()}
        return quantities, [row.document_id for row in unmatched.collect()]

    return match


def test_a_return_matches_the_line_of_its_order_with_its_product(match):
    other = SALE | {"line_number": 2, "product_id": "rug"}

    assert match([SALE, other], [RETURN | {"line_number": 2}]) == ({1: [2], 2: []}, [])


def test_of_several_lines_with_the_product_the_one_of_its_number_matches(match):
    second = SALE | {"line_number": 2}

    assert match([SALE, second], [RETURN | {"line_number": 2}, RETURN]) == ({1: [2], 2: [2]}, [])


@pytest.mark.parametrize("change", [{"order_id": "o2"}, {"feed": "x"}, {"product_id": "rug"}, {"currency": "EUR"}])
def test_a_return_of_another_order_feed_product_or_currency_matches_nothing(match, change):
    assert match([SALE], [RETURN | change]) == ({1: []}, ["r1"])


def test_several_returns_of_a_line_are_in_the_order_of_their_days(some):
    later = RETURN | {"document_id": "r0", "order_date": "2026-03-09", "quantity": -1}

    [row] = match_returns(some(order_lines, SALE), some(order_lines, later, RETURN))[0].collect()

    assert [(str(each.return_date), each.quantity) for each in row.returns] == [("2026-03-05", 2), ("2026-03-09", 1)]


def test_the_total_is_that_of_the_known_amounts_and_unknown_without_any(some):
    unknown = RETURN | {"line_number": 2, "amount": None}
    sales = some(order_lines, SALE, SALE | {"line_number": 2}, SALE | {"line_number": 3})
    rows, _ = match_returns(sales, some(order_lines, RETURN, RETURN | {"document_id": "r2"}, unknown))

    totals = rows.orderBy("line_number").select(total_returned("amount", "decimal(18,4)").alias("total")).collect()

    assert [row.total for row in totals] == [Decimal("18.00"), None, Decimal(0)]
