import json
from datetime import date

import pytest

from shoplake.simulate.calendar import Calendar
from shoplake.simulate.text import time_text
from shoplake.simulate.zenith.customers import Clientele
from shoplake.simulate.zenith.event_text import EventText
from shoplake.simulate.zenith.events import Traffic
from shoplake.simulate.zenith.journeys import NAMES
from shoplake.simulate.zenith.products import Catalogue
from shoplake.simulate.zenith.shop import Shop
from shoplake.simulate.zenith.visitors import Crowd


@pytest.fixture(scope="module")
def told():
    """The events of a day, as rows and as what their lines say."""
    shop = Shop(2_000, 40, 30, 2, 3, 0.0, date(2026, 3, 24), "Europe/London", "GBP")
    calendar, crowd = Calendar(shop), Crowd(shop)
    catalogue = Catalogue(shop, calendar)
    catalogue.advance(0)
    text = EventText(shop, crowd, catalogue)
    text.price_pieces()
    rows, _ = Traffic(shop, calendar, crowd, Clientele(shop, calendar)).day(0)
    return rows, text.lines(rows).to_pylist()


def test_each_event_is_a_line_of_json(told):
    rows, lines = told

    assert len(lines) == len(rows)
    assert all(line.endswith("}\n") and json.loads(line) for line in lines)


def test_a_line_says_what_its_event_is(told):
    rows, lines = told
    said = [json.loads(line) for line in lines]

    assert [each["event_ts"] for each in said] == [time_text(at) for at in rows.at.tolist()]
    assert [each["event_name"] for each in said] == [NAMES[name] for name in rows.name.tolist()]
    assert len({each["event_id"] for each in said}) == len(said)


def test_only_what_is_about_a_product_has_a_price(told):
    said = [json.loads(line) for line in told[1]]

    assert {each["price"] is None for each in said if each["product_id"] is None} == {True}
    assert {each["price"] is None for each in said if each["product_id"]} == {False}
