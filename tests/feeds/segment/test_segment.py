import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from reliability.lakes import content, drop, lake_at, listed, totals

from shoplake.declare import Feed
from shoplake.feeds import SEGMENT
from shoplake.feeds.segment import customers, events
from shoplake.tables.bronze.events_raw import events_raw
from shoplake.tables.silver.events import events as silver_events
from shoplake.transforms.expectations import VIOLATIONS, evaluate_expectations

FEED = Feed("shop", SEGMENT, "landing", "Europe/Berlin", "EUR")
VIEW = {
    "type": "track",
    "event": "Product Viewed",
    "messageId": "m1",
    "anonymousId": "a1",
    "userId": None,
    "timestamp": "2026-03-01T23:30:00.000Z",
    "sentAt": "2026-03-01T23:30:05.000Z",
    "properties": {"product_id": "P1", "name": "Mug", "brand": "Acme", "price": 10.5, "quantity": 2},
    "context": {
        "page": {"url": "https://shop.example/mug"},
        "campaign": {"source": "news", "medium": "email", "name": "spring"},
    },
}
PRODUCTS = [{"product_id": "P1", "price": 10.5, "quantity": 2}, {"product_id": "P2", "price": "3.25", "quantity": 1}]
COMPLETED = VIEW | {"event": "Order Completed", "messageId": "m2", "userId": "u1"}
COMPLETED |= {
    "properties": {"order_id": "o1", "total": 29.0, "shipping": 4.75, "currency": "eur", "products": PRODUCTS}
}


@pytest.fixture
def built(arrived):
    """The events of messages, with the rules they violate."""

    def build(*records, feed=FEED):
        texts = [record if isinstance(record, str) else json.dumps(record) for record in records]
        rows = evaluate_expectations(events(arrived(events_raw, *texts), feed), silver_events.expectations)
        return rows.orderBy("_source.line", "event_id").collect()

    return build


@pytest.mark.parametrize(
    ("path", "tables"),
    [
        ("2026-03-01.json.gz", ["events_raw", "orders_raw", "customer_changes_raw"]),
        ("events/1.json", ["events_raw"]),
        ("orders/1.json", ["orders_raw"]),
        ("customers/1.json", ["customer_changes_raw"]),
        ("other/1.json", []),
    ],
)
def test_a_file_beside_the_folders_is_read_into_every_table(path, tables):
    assert [stream.into for stream in SEGMENT.streams if stream.matches(path)] == tables


def test_events_that_differ_in_an_attribute_have_different_contents(built):
    rows = built(VIEW, VIEW, VIEW | {"properties": VIEW["properties"] | {"brand": "Zenith"}})

    one, same, other = (row.payload_hash for row in rows)
    assert one == same != other


def test_events_that_differ_in_what_is_known_of_a_visit_have_different_contents(built):
    context = VIEW["context"] | {"sessionId": "s9"}
    changes = ({}, {"userId": "u9"}, {"anonymousId": "a9"}, {"channel": "app"}, {"context": context})

    assert len({row.payload_hash for row in built(*[VIEW | change for change in changes])}) == len(changes)


def test_a_track_becomes_an_event_on_the_shops_own_day(built):
    [row] = built(VIEW)

    assert (row.event_id, row.event_name, row.event_date) == ("m1", "product_view", date(2026, 3, 2))
    assert (row.visitor_id, row.customer_id, row.product_id) == ("a1", None, "P1")
    assert (row.unit_price, row.quantity, row.currency) == (Decimal("10.5"), 2, "EUR")
    assert (row.page_url, row.utm_source, row.utm_medium, row.utm_campaign) == (
        *("https://shop.example/mug", "news", "email", "spring"),
    )
    assert (row.attributes, row[VIOLATIONS]) == ({"name": "Mug", "brand": "Acme"}, [])


@pytest.mark.parametrize(
    ("output", "name"),
    [
        ({"event": "Products Searched"}, "page_view"),
        ({"event": "Product Added"}, "add_to_cart"),
        ({"event": "Product Removed"}, "remove_from_cart"),
        ({"event": "Checkout Started"}, "checkout_started"),
        ({"event": "Order Completed"}, "purchase"),
        ({"type": "page", "event": None}, "page_view"),
        ({"type": "screen", "event": None}, "page_view"),
    ],
)
def test_events_have_the_canonical_spelling(built, output, name):
    [row] = built(VIEW | output)

    assert (row.event_name, row[VIOLATIONS]) == (name, [])


def test_a_name_that_the_spec_does_not_know_is_quarantined(built):
    [row] = built(VIEW | {"event": "Wheel Spun"})

    assert (row.event_name, row[VIOLATIONS]) == ("Wheel Spun", ["event_name_known"])


def test_a_completed_order_is_a_purchase_of_each_product(built):
    rows = built(COMPLETED)

    assert [(row.event_id, row.product_id, row.quantity, row.order_id) for row in rows] == [
        ("m2:1", "P1", 2, "o1"),
        ("m2:2", "P2", 1, "o1"),
    ]
    assert {(row.visitor_id, row.customer_id, row.currency) for row in rows} == {("u1", "u1", "EUR")}


def test_an_event_that_the_settings_map_to_a_purchase_is_one_of_each_product(built):
    rows = built(COMPLETED | {"event": "Bought"}, feed=replace(FEED, events=(("Bought", "purchase"),)))

    assert [(row.product_id, row.order_id) for row in rows] == [("P1", "o1"), ("P2", "o1")]


@pytest.mark.parametrize(
    ("output", "at"),
    [
        ({}, datetime(2026, 3, 1, 23, 30)),
        (
            {"timestamp": None, "originalTimestamp": "2026-03-01T10:00:00Z"}
            | {"sentAt": "2026-03-01T10:00:10Z", "receivedAt": "2026-03-01T12:00:10Z"},
            datetime(2026, 3, 1, 12),
        ),
        ({"timestamp": None, "originalTimestamp": "2026-03-01T10:00:00Z"}, datetime(2026, 3, 1, 10)),
        ({"timestamp": None, "receivedAt": "2026-03-01T11:00:00Z"}, datetime(2026, 3, 1, 11)),
    ],
)
def test_a_wrong_clock_is_corrected_by_when_the_message_arrived(built, output, at):
    [row] = built(VIEW | output)

    assert row.event_at == at


def test_a_batch_is_the_messages_in_it(built):
    rows = built({"batch": [VIEW, COMPLETED], "writeKey": "k"})

    assert [row.event_id for row in rows] == ["m1", "m2:1", "m2:2"]


def test_a_retry_has_the_same_hash_and_another_content_has_not(built):
    first, retry, other = built(VIEW, VIEW | {"sentAt": "2026-03-02T00:00:00Z"}, VIEW | {"event": "Product Added"})

    assert first.payload_hash == retry.payload_hash
    assert first.payload_hash != other.payload_hash


def test_only_messages_about_visits_become_events(built):
    others = [{"type": kind, "messageId": kind} for kind in ("identify", "alias", "group")]
    orders = [VIEW | {"event": name} for name in ("Order Refunded", "Order Cancelled", "Order Updated")]

    assert built(*others, *orders) == []


def test_what_is_no_message_is_quarantined(built):
    garbage, empty = built("garbage", "{}")

    assert garbage[VIOLATIONS] == ["is_json_object"]
    assert "event_id_present" in empty[VIOLATIONS]


def test_an_identify_is_a_change_of_a_customer(arrived):
    traits = {
        "email": "ann@shop.example",
        "createdAt": "2026-02-28T23:30:00Z",
        "address": {"city": "Graz", "country": "AT"},
    }
    identify = {
        "type": "identify",
        "messageId": "i1",
        "userId": "u1",
        "timestamp": "2026-03-01T10:00:00Z",
        "traits": traits,
    }
    unknown = identify | {"userId": None, "anonymousId": "a1"}

    [row] = customers(arrived(events_raw, *map(json.dumps, (identify, unknown, VIEW))), FEED).collect()

    assert (row.customer_id, row.email, row.location) == ("u1", "ann@shop.example", "Graz, AT")
    assert (row.signup_date, row.updated_at) == (date(2026, 3, 1), datetime(2026, 3, 1, 10))


def test_what_is_no_message_stays_a_customer_to_be_judged(arrived):
    rows = customers(arrived(events_raw, "garbage", "{}"), FEED).collect()

    assert {row._source.problem for row in rows} == {"is_json_object", None}


TABLES = ("silver/events", "silver/order_lines", "silver/payments", "gold/sales_daily")
REFUNDED = VIEW | {"event": "Order Refunded", "messageId": "m3", "timestamp": "2026-03-05T10:00:00Z"}
REFUNDED |= {"properties": {"order_id": "o1", "total": 3.25, "products": PRODUCTS[1:]}}


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A lake of a view, an order and its refund, and its folder."""
    folder = tmp_path_factory.mktemp("segment")
    drop(folder / "landing", "events/1.json", VIEW, COMPLETED, VIEW)
    drop(folder / "landing", "orders/1.json", COMPLETED, REFUNDED, VIEW)
    lake = lake_at(folder / "lake", folder / "landing", "segment", tables=("sales_daily", "payments"))
    lake.run()
    return lake, folder


@pytest.mark.slow
def test_completed_orders_become_sales_and_refunds_returns(lake):
    days = {str(row["sales_date"]): row for row in listed(lake[1] / "lake", "gold/sales_daily")}

    gross = sum(Decimal(str(each["price"])) * each["quantity"] for each in PRODUCTS)
    sold, returned = days["2026-03-01"], days["2026-03-05"]
    assert (sold["orders"], sold["units_sold"], sold["gross_sales"]) == (1, 3, gross)
    assert (sold["shipping"], returned["returns"]) == (Decimal("4.75"), Decimal("3.25"))


@pytest.mark.slow
def test_totals_are_payments(lake):
    paid = Counter((row["payment_id"], str(row["amount"])) for row in listed(lake[1] / "lake", "silver/payments"))

    assert paid == {("o1", "29.00"): 1, ("m3", "-3.25"): 1}


@pytest.mark.slow
@pytest.mark.slow
def test_messages_that_arrive_again_change_nothing(lake):
    shop, folder = lake
    before = content(folder / "lake", TABLES)

    drop(folder / "landing", "events/2.json", {"batch": [COMPLETED, VIEW]})
    drop(folder / "landing", "orders/2.json", {"batch": [COMPLETED | {"sentAt": "2026-03-03T00:00:00Z"}, REFUNDED]})
    shop.run()

    assert content(folder / "lake", TABLES) == before
    assert totals(folder / "lake", "silver/events")["rows_conflicting"] == 0
