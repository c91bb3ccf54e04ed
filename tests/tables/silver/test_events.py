import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from shoplake.tables.bronze.events_raw import events_raw
from shoplake.tables.silver.events import events

EVENT = {
    "event_id": "e1",
    "event_ts": "2026-03-01T09:00:00Z",
    "event_name": "product_view",
    "user_id": "u1",
    "anonymous_id": "a1",
    "product_id": "p1",
    "price": 9.99,
    "quantity": 2,
    "currency": "EUR",
}


@pytest.fixture
def build(arrived, split_rows, zenith):
    """The valid event rows, and the violations of the others by line."""

    def build(*records, **same):
        texts = [record if isinstance(record, str) else json.dumps(EVENT | record) for record in records]
        return split_rows(events, events(arrived(events_raw, *texts, **same), feeds=(zenith,)))

    return build


def test_a_record_becomes_an_event_with_typed_fields(build):
    [event], reasons = build({})

    assert reasons == {}
    assert (event.feed, event.event_id, event.product_id, event.batch_id) == ("shop", "e1", "p1", "b1")
    assert (event.event_at, event.event_date) == (datetime(2026, 3, 1, 9), date(2026, 3, 1))
    assert (event.unit_price, event.quantity, event.currency) == (Decimal("9.9900"), 2, "EUR")


@pytest.mark.parametrize(("price", "stored"), [(0.1, "0.1000"), (1e2, "100.0000"), ("19.99", "19.9900"), (0, "0.0000")])
def test_a_price_is_a_decimal_whether_sent_as_number_or_as_text(build, price, stored):
    [event], _ = build({"price": price})

    assert str(event.unit_price) == stored


def test_a_price_with_the_most_digits_is_exact(build):
    [event], _ = build(json.dumps(EVENT | {"price": 0}).replace('"price": 0', '"price": 1234567890.1234'))

    assert event.unit_price == Decimal("1234567890.1234")


def test_other_spellings_are_mapped_and_unknown_names_are_quarantined(build):
    names = ["view", "view_product", "addtocart", "transaction", "remove_from_cart", "checkout_started", "wishlist"]

    valid, reasons = build(*[{"event_name": name} for name in names])

    mapped = ["product_view", "product_view", "add_to_cart", "purchase", "remove_from_cart", "checkout_started"]
    assert [event.event_name for event in valid] == mapped
    assert reasons == {7: ["event_name_known"]}


def test_a_sessionor_is_the_customer_where_known_else_the_browser(build):
    known, guest = {"user_id": "u1", "anonymous_id": "a1"}, {"user_id": None, "anonymous_id": "a1"}

    valid, reasons = build(known, guest, {"user_id": None, "anonymous_id": None})

    assert [(event.visitor_id, event.customer_id) for event in valid] == [("u1", "u1"), ("a1", None)]
    assert reasons == {3: ["visitor_id_present"]}


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ("2026-03-28T23:59:59Z", date(2026, 3, 28)),  # winter: London is on UTC
        ("2026-03-29T00:00:00Z", date(2026, 3, 29)),
        ("2026-03-29T22:59:59Z", date(2026, 3, 29)),  # the clock went forward at 01:00
        ("2026-03-29T23:00:00Z", date(2026, 3, 30)),
        ("2026-03-30T00:30:00+02:00", date(2026, 3, 29)),  # 22:30Z, in London 23:30
        ("2026-10-25T23:30:00Z", date(2026, 10, 25)),  # the clock went back
    ],
)
def test_a_days_events_are_those_of_the_shops_own_day(build, sent, day):
    [event], _ = build({"event_ts": sent})

    assert event.event_date == day


def test_times_with_an_offset_and_without_one_become_utc(build):
    sent = ["2026-03-01T09:00:00+01:00", "2026-03-01T09:00:00.250Z", "2026-03-01 09:00:00"]

    valid, _ = build(*[{"event_ts": each} for each in sent])

    utc = [datetime(2026, 3, 1, 8), datetime(2026, 3, 1, 9, 0, 0, 250_000), datetime(2026, 3, 1, 9)]
    assert [event.event_at for event in valid] == utc


MISFITS = [
    ({"price": "cheap"}, ["price_fits_type"]),
    ({"price": True}, ["price_fits_type"]),
    ({"quantity": "two"}, ["quantity_fits_type"]),
    ({"quantity": 2.5}, ["quantity_fits_type"]),
    ({"quantity": 99_999_999_999}, ["quantity_fits_type"]),
    ({"event_ts": "yesterday"}, ["event_ts_fits_type", "event_at_present"]),
    ({"event_ts": 1772323200}, ["event_ts_fits_type", "event_at_present"]),
    ({"event_ts": "2026-02-30T09:00:00Z"}, ["event_ts_fits_type", "event_at_present"]),
    ({"price": -0.01}, ["unit_price_not_negative"]),
    ({"quantity": 0}, ["quantity_positive"]),
    ({"quantity": 1_000_000}, ["quantity_below_a_million"]),
    ({"price": 10_000_000_000}, ["price_fits_type"]),
    ({"price": 20_000, "quantity": 500_000}, ["amount_below_ten_billion"]),
    ({"event_ts": "1970-01-01T00:00:00Z"}, ["event_at_plausible"]),
    (
        {"price": "x", "quantity": -1, "event_id": None},
        ["price_fits_type", "event_id_present", "quantity_positive"],
    ),
]
"""What does not fit, with every reason."""


def test_a_field_that_does_not_fit_is_a_reason_not_a_null(build):
    valid, violations = build(*[sent for sent, _ in MISFITS])

    assert valid == []
    assert violations == {number: reasons for number, (_, reasons) in enumerate(MISFITS, 1)}


def test_a_time_of_day_without_a_day_is_no_time(build):
    valid, reasons = build({"event_ts": "09:00"})

    assert valid == []
    assert reasons == {1: ["event_ts_fits_type", "event_at_present"]}


@pytest.mark.parametrize("sent", ["2026-03-01T09:00Z", "2026-03-01T10:00+01:00"])
def test_an_iso_time_without_seconds_is_a_time(build, sent):
    [event], _ = build({"event_ts": sent})

    assert event.event_at == datetime(2026, 3, 1, 9)


def test_missing_price_and_quantity_are_fine(build):
    [event], reasons = build({"price": None, "quantity": None})

    assert (event.unit_price, event.quantity, reasons) == (None, None, {})


@pytest.mark.parametrize("text", ['{"event_id": "e1", "event_', "[]", "null", "not json", '"text"'])
def test_what_is_no_json_object_has_that_single_reason(build, text):
    valid, reasons = build(text, {})

    assert [event.event_id for event in valid] == ["e1"]
    assert reasons == {1: ["is_json_object"]}


def test_text_after_the_object_makes_it_no_json_object(build):
    _, reasons = build(json.dumps(EVENT) + " and more", json.dumps(EVENT) * 2)

    assert reasons == {1: ["is_json_object"], 2: ["is_json_object"]}


def test_what_the_reader_could_not_read_has_the_readers_reason(build):
    _, reasons = build("caf\\xe9", problem="not_utf8")

    assert reasons == {1: ["not_utf8"]}


def test_an_unknown_field_stays_in_the_raw_text(build):
    [event], reasons = build({"loyalty": {"level": 3}})

    assert reasons == {}
    assert json.loads(event._source.raw)["loyalty"] == {"level": 3}


def test_a_strict_feed_quarantines_a_record_with_an_unknown_field(arrived, split_rows, zenith):
    raw = arrived(events_raw, json.dumps(EVENT | {"loyalty": 3}), json.dumps(EVENT))

    valid, reasons = split_rows(events, events(raw, feeds=(replace(zenith, is_strict=True),)))

    assert (len(valid), reasons) == (1, {1: ["unknown_fields"]})


def test_bots_are_flagged_and_stay_in_the_table(build):
    agents = ["Mozilla/5.0 (compatible; Googlebot/2.1)", "HeadlessChrome/120", "Mozilla/5.0 (Windows NT 10.0)", None]

    valid, _ = build(*[{"user_agent": agent} for agent in agents])

    assert [event.is_bot for event in valid] == [True, True, False, False]


def test_currency_is_the_feeds_own_where_the_event_has_none(build):
    valid, _ = build({"currency": None}, {"currency": "EUR"})

    assert [event.currency for event in valid] == ["GBP", "EUR"]


def test_the_payload_hash_distinguishes_exact_and_conflicting_repeats(build):
    valid, _ = build({}, {}, {"quantity": 3})

    first, repeat, other = [event.payload_hash for event in valid]
    assert first == repeat
    assert first != other


def test_records_of_another_feed_are_ignored(build):
    assert build({}, feed="elsewhere") == ([], {})
