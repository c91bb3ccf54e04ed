from collections import defaultdict
from datetime import date
from itertools import pairwise

import pytest

from shoplake.tables.gold.customers.customer_months import customer_months
from shoplake.tables.gold.customers.segment_moves_monthly import segment_moves_monthly

MONTH = {"feed": "shop", "orders": 1}


def month(customer, number, **more):
    """An order of ten on the 20th of a month of 2025, counted from 1 also beyond the year."""
    year, at = 2025 + (number - 1) // 12, (number - 1) % 12 + 1
    days = {"activity_month": date(year, at, 1), "last_order_date": date(year, at, 20)}
    return MONTH | {"customer_id": customer, "net": "10.0000"} | days | more


@pytest.fixture
def build(some):
    """Customers and net, by month, from and to."""

    def build(*months):
        rows = segment_moves_monthly(some(customer_months, *months)).collect()
        return {(row.move_month, row.from_segment, row.to_segment): (row.customers, row.net) for row in rows}

    return build


def test_a_new_customer_comes_from_nowhere_and_only_in_complete_months(build):
    assert build(month("ann", 1), month("bob", 2)) == {(date(2025, 1, 1), "(none)", "new"): (1, 10)}


def test_a_customer_who_comes_back_moves(build):
    moves = build(month("ann", 1), month("ann", 2), month("bob", 2), month("bob", 3))

    assert {key: value for key, value in moves.items() if key[0].month == 2} == {
        (date(2025, 2, 1), "new", "champions"): (1, 10),
        (date(2025, 2, 1), "(none)", "new"): (1, 10),
    }


def test_guests_do_not_move_and_end_the_data(build):
    moves = build(month("ann", 1), month(None, 4))

    assert sorted(move[0].month for move in moves) == [1, 2, 3]
    assert sum(net for _, net in moves.values()) == 10


def test_what_comes_into_a_segment_leaves_it_or_stays_in_the_month_after(build):
    customers = [("ann", (1, 2, 5, 9)), ("bob", (1,)), ("cem", (2, 3)), ("dan", (4, 15)), ("eve", (16,))]
    moves = build(*[month(name, number) for name, numbers in customers for number in numbers])

    came, went = defaultdict(int), defaultdict(int)
    for (at, start, end), (count, _) in moves.items():
        came[at, end] += count
        went[at, start] += count
    months = sorted({at for at, _, _ in moves})
    assert len(months) == 15
    for at, after in pairwise(months):
        arrived = {segment: count for (when, segment), count in came.items() if when == at}
        assert {segment: went[after, segment] for segment in arrived} == arrived


def test_unknown_money_has_no_score_and_is_not_more_than_a_loss(build):
    moves = build(month("ann", 1, orders=2, net=None), month("bob", 1, orders=2, net="-5"), month(None, 2))

    assert moves[date(2025, 1, 1), "(none)", "loyal"] == (1, None)
    assert moves[date(2025, 1, 1), "(none)", "champions"] == (1, -5)


def test_orders_of_more_than_twelve_months_ago_do_not_count(build):
    moves = build(month("ann", 1), month("ann", 2), month(None, 15))

    champion = sorted(at for at, _, end in moves if end == "champions")
    assert champion == [date(2025, number, 1) for number in range(2, 13)]
    assert (date(2026, 1, 1), "champions", "promising") in moves
