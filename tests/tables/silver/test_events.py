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
def built(arrived, parted, zenith):
    """What becomes of event records: the good rows, and the reasons of the others by line."""

    def build(*records, **same):
        texts = [record if isinstance(record, str) else json.dumps(EVENT | record) for record in records]
        return parted(events, events(arrived(events_raw, *texts, **same), feeds=(zenith,)))

    return build


def test_a_record_becomes_an_event_with_typed_fields(built):
    [event], reasons = built({})

    assert reasons == {}
    assert (event.feed, event.event_id, event.product_id, event.batch_id) == ("shop", "e1", "p1", "b1")
    assert (event.event_at, event.event_date) == (datetime(2026, 3, 1, 9), date(2026, 3, 1))
    assert (event.unit_price, event.quantity, event.currency) == (Decimal("9.9900"), 2, "EUR")


@pytest.mark.parametrize(("price", "stored"), [(0.1, "0.1000"), (1e2, "100.0000"), ("19.99", "19.9900"), (0, "0.0000")])
def test_a_price_is_a_decimal_whether_sent_as_number_or_as_text(built, price, stored):
    [event], _ = built({"price": price})

    assert str(event.unit_price) == stored


def test_a_price_with_more_digits_than_a_double_has_is_kept_exactly(built):
    [event], _ = built(json.dumps(EVENT | {"price": 0}).replace('"price": 0', '"price": 12345678901234.5678'))

    assert event.unit_price == Decimal("12345678901234.5678")


def test_other_spellings_are_mapped_and_unknown_names_are_set_aside(built):
    names = ["view", "view_product", "addtocart", "transaction", "remove_from_cart", "checkout_started", "wishlist"]

    good, reasons = built(*[{"event_name": name} for name in names])

    mapped = ["product_view", "product_view", "add_to_cart", "purchase", "remove_from_cart", "checkout_started"]
    assert [event.event_name for event in good] == mapped
    assert reasons == {7: ["event_name_known"]}


def test_a_visitor_is_the_customer_where_known_else_the_browser(built):
    known, guest = {"user_id": "u1", "anonymous_id": "a1"}, {"user_id": None, "anonymous_id": "a1"}

    good, reasons = built(known, guest, {"user_id": None, "anonymous_id": None})

    assert [(event.visitor_id, event.customer_id) for event in good] == [("u1", "u1"), ("a1", None)]
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
def test_a_days_events_are_those_of_the_shops_own_day(built, sent, day):
    [event], _ = built({"event_ts": sent})

    assert event.event_date == day


def test_times_with_an_offset_and_without_one_become_utc(built):
    sent = ["2026-03-01T09:00:00+01:00", "2026-03-01T09:00:00.250Z", "2026-03-01 09:00:00"]

    good, _ = built(*[{"event_ts": each} for each in sent])

    utc = [datetime(2026, 3, 1, 8), datetime(2026, 3, 1, 9, 0, 0, 250_000), datetime(2026, 3, 1, 9)]
    assert [event.event_at for event in good] == utc


@pytest.mark.parametrize(
    ("sent", "reasons"),
    [
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
        ({"event_ts": "1970-01-01T00:00:00Z"}, ["event_at_plausible"]),
        (
            {"price": "x", "quantity": -1, "event_id": None},
            ["price_fits_type", "event_id_present", "quantity_positive"],
        ),
    ],
)
def test_a_field_that_does_not_fit_is_a_reason_not_a_null(built, sent, reasons):
    good, broken = built(sent)

    assert good == []
    assert broken == {1: reasons}


def test_a_time_of_day_without_a_day_is_no_time(built):
    good, reasons = built({"event_ts": "09:00"})

    assert good == []
    assert reasons == {1: ["event_ts_fits_type", "event_at_present"]}


@pytest.mark.parametrize("sent", ["2026-03-01T09:00Z", "2026-03-01T10:00+01:00"])
def test_an_iso_time_without_seconds_is_a_time(built, sent):
    [event], _ = built({"event_ts": sent})

    assert event.event_at == datetime(2026, 3, 1, 9)


def test_missing_price_and_quantity_are_fine(built):
    [event], reasons = built({"price": None, "quantity": None})

    assert (event.unit_price, event.quantity, reasons) == (None, None, {})


@pytest.mark.parametrize("text", ['{"event_id": "e1", "event_', "[]", "null", "not json", '"text"'])
def test_what_is_no_json_object_has_that_single_reason(built, text):
    good, reasons = built(text, {})

    assert [event.event_id for event in good] == ["e1"]
    assert reasons == {1: ["is_json_object"]}


def test_text_after_the_object_makes_it_no_json_object(built):
    _, reasons = built(json.dumps(EVENT) + " and more", json.dumps(EVENT) * 2)

    assert reasons == {1: ["is_json_object"], 2: ["is_json_object"]}


def test_what_the_reader_could_not_read_has_the_readers_reason(built):
    _, reasons = built("caf\\xe9", problem="not_utf8")

    assert reasons == {1: ["not_utf8"]}


def test_an_unknown_field_is_kept_in_the_raw_text(built):
    [event], reasons = built({"loyalty": {"level": 3}})

    assert reasons == {}
    assert json.loads(event._source.raw)["loyalty"] == {"level": 3}


def test_a_strict_feed_sets_a_record_with_an_unknown_field_aside(arrived, parted, zenith):
    raw = arrived(events_raw, json.dumps(EVENT | {"loyalty": 3}), json.dumps(EVENT))

    good, reasons = parted(events, events(raw, feeds=(replace(zenith, is_strict=True),)))

    assert (len(good), reasons) == (1, {1: ["unknown_fields"]})


def test_programs_are_flagged_and_kept(built):
    agents = ["Mozilla/5.0 (compatible; Googlebot/2.1)", "HeadlessChrome/120", "Mozilla/5.0 (Windows NT 10.0)", None]

    good, _ = built(*[{"user_agent": agent} for agent in agents])

    assert [event.is_bot for event in good] == [True, True, False, False]


def test_currency_is_the_feeds_own_where_the_event_says_none(built):
    good, _ = built({"currency": None}, {"currency": "EUR"})

    assert [event.currency for event in good] == ["GBP", "EUR"]


def test_the_payload_hash_tells_an_exact_repeat_from_one_that_differs(built):
    good, _ = built({}, {}, {"quantity": 3})

    first, repeat, other = [event.payload_hash for event in good]
    assert first == repeat
    assert first != other


def test_records_of_another_feed_are_not_taken(built):
    assert built({}, feed="elsewhere") == ([], {})
