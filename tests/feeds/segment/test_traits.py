import json
from datetime import date

import pytest

from shoplake.declare import Feed
from shoplake.feeds import SEGMENT
from shoplake.feeds.segment import customers
from shoplake.tables.bronze.events_raw import events_raw

FEED = Feed("shop", SEGMENT, "landing", "Europe/Berlin", "EUR")
IDENTIFY = {"type": "identify", "messageId": "i1", "userId": "u1", "timestamp": "2026-03-01T10:00:00Z"}
TRAITS = {
    "email": "ann@shop.example",
    "phone": "+43 1",
    "createdAt": "2026-02-28T23:30:00Z",
    "address": {"city": "Graz", "country": "AT"},
    "plan": "gold",
}


@pytest.fixture
def known(arrived):
    """What is known of the customer of an `identify`."""

    def read(**message):
        [row] = customers(arrived(events_raw, json.dumps(IDENTIFY | message)), FEED).collect()
        return row.email, row.phone, row.signup_date, row.location, row.attributes

    return read


@pytest.mark.parametrize(
    "message",
    [{"traits": TRAITS}, {"context": {"traits": TRAITS}}, {"traits": {"email": ""}, "context": {"traits": TRAITS}}],
    ids=["in the message", "in its context", "in its context beside an empty one"],
)
def test_traits_count_wherever_a_message_has_them(known, message):
    assert known(**message) == ("ann@shop.example", "+43 1", date(2026, 3, 1), "Graz, AT", {"plan": "gold"})


def test_a_trait_of_the_message_counts_before_that_of_its_context(known):
    email, *_ = known(traits={"email": "new@shop.example"}, context={"traits": {"email": "old@shop.example"}})

    assert email == "new@shop.example"
