"""Three currencies in one feed, and rates that come late, corrected and in any order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ..lakes import content, difference, drop, event, lake_at, listed

TABLES = ("sales_daily", "product_performance_daily", "customer_segments", "carts", "sessions", "purchases")
CONVERTED = ("gold/product_performance_daily", "gold/customer_segments", "gold/carts", "silver/sessions")
ANSWERS = (*CONVERTED, "gold/sales_daily", "gold/purchases", "silver/exchange_rate_periods")
CODES = ("GBP", "EUR", "JPY")
HEADER = "rate_date,currency,rate"
RATES = {"a": ["2026-03-02,EUR,0.80"], "b": ["2026-02-20,EUR,0.90"], "c": ["2026-03-02,EUR,0.85"]}


def order(code, day):
    line = {"line_number": 1, "product_id": "P1", "quantity": 1, "unit_price": "1000.00"}
    more = {"order_id": f"{code}-{day}", "ordered_at": f"2026-03-0{day}T10:00:00Z", "currency": code}
    return more | {"customer_id": f"C{day}", "lines": [line]}


def events(code, day):
    """A cart and a purchase of a thousand by a visitor of that currency."""
    number = 10 * day + CODES.index(code)
    at = {"user_id": f"{code}-{day}", "product_id": "P1", "price": 1000, "currency": code, "order_id": f"{code}-{day}"}
    add = event(number, event_ts=f"2026-03-0{day}T10:00:00Z", event_name="add_to_cart", **at)
    return add, event(number + 100, event_ts=f"2026-03-0{day}T10:05:00Z", event_name="purchase", **at)


def sell(landing):
    drop(landing, "orders/a.json", *[order(code, day) for code in CODES for day in (1, 2, 3)])
    drop(landing, "events/a.json", *[each for code in CODES for day in (1, 2, 3) for each in events(code, day)])


def rate(landing, name):
    drop(landing, f"exchange_rates/{name}.csv", HEADER, *RATES[name])


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A lake that got its sales first, then the latest rate and an earlier one, and at last a correction."""
    folder = tmp_path_factory.mktemp("currencies")
    sell(folder / "landing")
    lake = lake_at(folder / "lake", folder / "landing", tables=TABLES)
    lake.run()
    for names in ("ab", "c"):
        for name in names:
            rate(folder / "landing", name)
        lake.run()
    return lake, folder / "lake"


@pytest.mark.slow
def test_a_thousand_of_each_currency_is_never_three_thousand(lake):
    days = listed(lake[1], "gold/sales_daily")

    assert {(row["currency"], row["gross_sales"], row["orders"]) for row in days} == {
        (code, Decimal("1000.00"), 1) for code in CODES
    }
    assert len(days) == 9


@pytest.mark.slow
def test_money_beside_visits_is_converted_at_the_rate_of_its_day(lake):
    expected = {1: Decimal("1900.00"), 2: Decimal("1850.00"), 3: Decimal("1850.00")}

    products = {row["event_date"].day: row for row in listed(lake[1], "gold/product_performance_daily")}
    customers = {int(row["customer_id"][1]): row for row in listed(lake[1], "gold/customer_segments")}

    assert {day: row["gross"] for day, row in products.items()} == expected
    assert {day: row["lifetime_net"] for day, row in customers.items()} == expected
    assert {row["lines_without_rate"] for row in (*products.values(), *customers.values())} == {1}


@pytest.mark.slow
def test_sessions_and_carts_have_the_money_of_their_feed(lake):
    expected = {"GBP": [1000, 1000, 1000], "EUR": [900, 850, 850], "JPY": [None, None, None]}

    for table, amount in (("silver/sessions", "revenue"), ("gold/carts", "value")):
        rows = sorted(listed(lake[1], table), key=lambda row: row["started_at"])
        by_code = {code: [row[amount] for row in rows if row["visitor_id"].startswith(code)] for code in CODES}
        assert by_code == expected
        assert {row["currency"] for row in rows} == {"GBP"}


@pytest.mark.slow
def test_lines_without_a_rate_are_a_warning_by_name(lake):
    rules = [row for row in lake[0].quality() if row["check_name"] == "exchange_rate_known"]

    assert {row["table"].replace(".", "/"): row["status"] for row in rules} == dict.fromkeys(CONVERTED, "WARN")
    assert all(row["rows_failed"] > 0 for row in rules)


@pytest.mark.slow
def test_totals_agree_in_the_currency_of_the_feed(lake):
    assert lake[0].verify() == []


@pytest.mark.slow
def test_a_full_refresh_changes_nothing(lake):
    before = content(lake[1], ANSWERS)

    lake[0].run(full_refresh=True)

    assert difference(content(lake[1], ANSWERS), before) == {}


@pytest.mark.slow
def test_rates_that_come_before_the_sales_give_the_same(lake, tmp_path):
    other = lake_at(tmp_path / "lake", tmp_path / "landing", tables=TABLES)
    for name in ("b", "a", "c"):
        rate(tmp_path / "landing", name)
        other.run()
    sell(tmp_path / "landing")
    other.run()

    assert difference(content(tmp_path / "lake", ANSWERS), content(lake[1], ANSWERS)) == {}
