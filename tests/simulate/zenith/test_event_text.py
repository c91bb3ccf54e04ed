import json
from datetime import date

import pytest

from shoplake.simulate.calendar import Calendar
from shoplake.simulate.text import format_time
from shoplake.simulate.zenith.customers import Customers
from shoplake.simulate.zenith.event_text import EventText
from shoplake.simulate.zenith.events import EventGenerator
from shoplake.simulate.zenith.journeys import NAMES
from shoplake.simulate.zenith.products import Products
from shoplake.simulate.zenith.shop import Shop
from shoplake.simulate.zenith.visitors import Visitors


@pytest.fixture(scope="module")
def formatted():
    """The events of a day, as rows and as lines."""
    shop = Shop(2_000, 40, 30, 2, 3, 0.0, date(2026, 3, 24), "Europe/London", "GBP")
    calendar, visitors = Calendar(shop), Visitors(shop)
    products = Products(shop, calendar)
    products.advance(0)
    text = EventText(shop, visitors, products)
    text.refresh_prices()
    rows, _ = EventGenerator(shop, calendar, visitors, Customers(shop, calendar)).generate_day(0)
    return rows, text.format_lines(rows).to_pylist()


def test_each_event_is_a_line_of_json(formatted):
    rows, lines = formatted

    assert len(lines) == len(rows)
    assert all(line.endswith("}\n") and json.loads(line) for line in lines)


def test_a_line_has_the_fields_of_its_event(formatted):
    rows, lines = formatted
    records = [json.loads(line) for line in lines]

    assert [each["event_ts"] for each in records] == [format_time(at) for at in rows.at.tolist()]
    assert [each["event_name"] for each in records] == [NAMES[name] for name in rows.name.tolist()]
    assert len({each["event_id"] for each in records}) == len(records)


def test_only_product_events_have_a_price(formatted):
    records = [json.loads(line) for line in formatted[1]]

    assert {each["price"] is None for each in records if each["product_id"] is None} == {True}
    assert {each["price"] is None for each in records if each["product_id"]} == {False}
