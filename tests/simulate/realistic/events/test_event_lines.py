import json

import pytest


@pytest.fixture(scope="module")
def events(shop):
    paths = sorted((shop.folder / "events").iterdir())
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def test_an_event_has_the_fields_of_the_native_format(events):
    fields = (
        "event_id event_ts user_id anonymous_id session_id device platform user_agent event_name quantity product_id"
    )
    fields += " price page_url order_id utm_source utm_medium utm_campaign currency"

    assert {frozenset(event) for event in events} == {frozenset(fields.split())}


def test_event_ids_are_unique(events):
    assert len({event["event_id"] for event in events}) == len(events)


def test_only_product_events_have_a_product_and_a_price(events):
    with_product = {event["event_name"] for event in events if event["product_id"]}

    assert with_product == {"product_view", "add_to_cart", "purchase"}
    assert all((event["price"] is None) == (event["product_id"] is None) for event in events)


def test_only_purchases_have_an_order(events):
    assert {event["event_name"] for event in events if event["order_id"]} == {"purchase"}
    assert all(event["order_id"] for event in events if event["event_name"] == "purchase")


def test_a_device_has_one_user_agent(events):
    agents = {(event["anonymous_id"], event["user_agent"]) for event in events}

    assert len(agents) == len({anonymous_id for anonymous_id, _ in agents})
