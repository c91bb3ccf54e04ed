from datetime import date

import pytest

from shoplake.tables.gold.attribution.channel_transitions import channel_transitions
from shoplake.tables.gold.conversion.purchases import purchases
from shoplake.tables.gold.sales.order_values import order_values

from .conftest import bought, visit


@pytest.fixture
def counted(some, touched):
    """The transitions of sessions and orders, by month and states."""

    def of(*visits, orders=(), events=()):
        inputs = some(order_values, *orders), some(purchases, *events), touched(*visits)
        rows = channel_transitions(*inputs).collect()
        return {(f"{row.fit_month:%Y-%m}", row.come_from, row.go_to): row.transitions for row in rows}

    return of


def test_a_path_leads_from_a_start_over_channels_to_an_order(counted):
    visits = [visit("2026-03-01 09:00", "email"), visit("2026-03-02 09:00", "organic_search")]

    assert counted(*visits, orders=[bought("o1", "2026-03-02 10:00")]) == {
        ("2026-03", "(start)", "email"): 1,
        ("2026-03", "email", "organic_search"): 1,
        ("2026-03", "organic_search", "(conversion)"): 1,
    }


def test_a_path_ends_with_its_month(counted):
    visits = [visit("2026-03-31 09:00", "email"), visit("2026-04-01 09:00", "email")]

    assert counted(*visits) == {
        (month, *pair): 1 for month in ("2026-03", "2026-04") for pair in (("(start)", "email"), ("email", "(null)"))
    }


def test_an_order_without_touches_before_it_is_no_path(counted):
    assert counted(orders=[bought("o1", "2026-03-02 10:00")]) == {}


def test_an_order_is_one_of_each_day_on_which_it_has_a_sale(counted):
    visits = [visit("2026-03-31 09:00", "email"), visit("2026-04-01 09:00", "email")]
    orders = [bought("o1", "2026-03-31 10:00"), bought("o1", "2026-04-01 10:00", line_number=2)]

    found = counted(*visits, orders=orders)

    assert {key: found[key] for key in found if key[2] == "(conversion)"} == {
        ("2026-03", "email", "(conversion)"): 1,
        ("2026-04", "email", "(conversion)"): 1,
    }


def test_the_purchase_of_a_session_over_midnight_belongs_to_its_person(counted):
    crossing = visit("2026-03-31 23:50", "email", ended_at="2026-04-01 00:10", ended_date="2026-04-01")
    before = visit("2026-04-01 00:01", "organic_search")
    event = {"feed": "shop", "event_id": "e1", "order_id": "o1", "event_date": date(2026, 4, 1)}
    event |= {"session_id": crossing["session_id"]}
    order = bought("o1", "2026-04-01 00:05", customer=None)

    found = counted(crossing, before, orders=[order], events=[event])

    assert found["2026-04", "organic_search", "(conversion)"] == 1
