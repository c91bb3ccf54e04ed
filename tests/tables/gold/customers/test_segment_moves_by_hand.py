"""Monthly segments of random customers, worked out in plain Python."""

from bisect import bisect_right
from collections import Counter
from datetime import date
from fractions import Fraction
from math import ceil
from random import Random

from shoplake.tables.gold.customers.customer_months import customer_months
from shoplake.tables.gold.customers.segment_moves_monthly import segment_moves_monthly

MONTHS = 17
LAST = date(2026, 5, 28)


def first_of(number):
    """The first day of a month, counted from January 2025 as 0."""
    return date(2025 + number // 12, number % 12 + 1, 1)


def draw_months(seed):
    """Orders, returns and visits of fourteen customers, the money of some unknown. A guest ends the data."""
    random, rows = Random(seed), []
    for customer, number in ((name, number) for name in "abcdefghijklmn" for number in range(MONTHS)):
        if random.random() < 0.3:
            orders, net = random.choice([(1, 10), (1, 25), (2, 40), (1, None), (0, -15), (0, 0)])
            rows.append((customer, number, orders, net, first_of(number).replace(day=random.randint(1, 28))))
    return [*rows, (None, MONTHS - 1, 1, 5, LAST)]


def scored(rows, measure):
    """The score of each customer of whom the measure is known, 5 × the share of customers that are no better."""
    values = {name: measure(row) for name, row in rows.items() if measure(row) is not None}
    ordered = sorted(values.values())
    return {name: ceil(Fraction(5 * bisect_right(ordered, value), len(ordered))) for name, value in values.items()}


def segment(recency, money, row):
    if recency >= 3 and row["frequency"] >= 2:
        return "champions" if recency >= 4 and money >= 4 else "loyal"
    if recency >= 4:
        return "new" if row["orders"] == 1 else "promising"
    if recency == 3:
        return "big_spenders" if money >= 4 else "needs_attention"
    return "cannot_lose" if money >= 4 else "at_risk" if recency == 2 else "lost"


def segments_of(rows, number):
    """The segment of each customer with an order at the end of a month."""
    states = {}
    for name in {row[0] for row in rows} - {None}:
        past = [row for row in rows if row[0] == name and row[1] <= number]
        year = [row for row in past if row[1] > number - 12 and (row[2] or row[3])]
        known = [row[3] for row in year if row[3] is not None]
        is_known = len(known) == len(year) or sum(known) != 0
        if orders := sum(row[2] for row in past):
            days = (first_of(number + 1) - max(row[4] for row in past if row[2])).days
            frequency = sum(row[2] for row in year)
            net = sum(known) if is_known else None
            states[name] = {"days": days, "frequency": frequency, "net": net, "orders": orders}
    recency, money = scored(states, lambda row: -row["days"]), scored(states, lambda row: row["net"])
    return {name: segment(recency[name], money.get(name, 0), row) for name, row in states.items()}


def test_segments_and_moves_are_those_of_plain_python(some):
    rows = draw_months(seed=4)
    names = ("customer_id", "activity_month", "orders", "net", "last_order_date")
    cells = [(who, first_of(number), orders, net, day if orders else None) for who, number, orders, net, day in rows]
    expected, before = Counter(), {}
    for number in range(MONTHS - 1):
        after = segments_of(rows, number)
        for name, to in after.items():
            expected[first_of(number), before.get(name, "(none)"), to] += 1
        before = after

    months = [{"feed": "shop"} | dict(zip(names, cell, strict=True)) for cell in cells]
    moves = segment_moves_monthly(some(customer_months, *months)).collect()

    assert {(row.move_month, row.from_segment, row.to_segment): row.customers for row in moves} == expected
