import json
from dataclasses import replace

import pytest

from shoplake.feeds import ZENITH
from shoplake.feeds.zenith import events, ordered_lines, payments, products, returned_lines
from shoplake.tables.bronze.events_raw import events_raw


@pytest.mark.parametrize(
    ("path", "into"),
    [
        ("events/2026-03-01.json", "events_raw"),
        ("events/2026-03-01.json.gz", "events_raw"),
        ("customers/customers-2026-03-01.csv", "customers_raw"),
        ("products/products-2026-03-01.parquet", "products_raw"),
        ("orders/1.json", "orders_raw"),
        ("refunds/1.json.zst", "refunds_raw"),
        ("events/old/1.json", None),
        ("events/1.json.tmp", None),
        ("1.json", None),
    ],
)
def test_each_file_belongs_to_one_stream_or_to_none(path, into):
    matching = [stream.into for stream in ZENITH.streams if stream.matches(path)]

    assert matching == ([into] if into else [])


def test_it_sends_every_step_of_the_funnel():
    assert ZENITH.funnel_steps == ("page_view", "product_view", "add_to_cart", "checkout_started", "purchase")


def test_a_missing_field_is_null_and_no_type_error(arrived, zenith):
    [row] = events(arrived(events_raw, "{}"), zenith).collect()

    values = {name for name, cell in row.asDict().items() if cell is not None}
    assert values == {
        "feed",
        "currency",
        "is_bot",
        "payload_hash",
        "batch_id",
        "ingested_at",
        "_source",
        "_type_errors",
    }
    assert row._type_errors == []


@pytest.mark.parametrize("shape", [events, ordered_lines, returned_lines, payments, products])
def test_every_mapper_returns_a_record_that_is_no_object(arrived, zenith, shape):
    texts = ("garbage", json.dumps([1]), "")

    rows = shape(arrived(events_raw, *texts), zenith).collect()

    assert {(row._source.raw, row._source.problem) for row in rows} == {(text, "is_json_object") for text in texts}
    assert len(rows) == len(texts)


@pytest.mark.parametrize("shape", [events, ordered_lines, returned_lines, payments, products])
def test_only_a_strict_feed_quarantines_records_with_unknown_fields(arrived, zenith, shape):
    parts = {"lines": [{"line_number": 1}], "payments": [{"payment_id": "m1"}]}
    raw = arrived(events_raw, json.dumps({"order_id": "o1", "loyalty": 3} | parts))

    [remaining], [rejected] = [shape(raw, feed).collect() for feed in (zenith, replace(zenith, is_strict=True))]

    assert (remaining._source.problem, rejected._source.problem) == (None, "unknown_fields")


def test_a_strict_feed_accepts_the_fields_of_the_model(arrived, zenith):
    strict = replace(zenith, is_strict=True)
    event = "event_id event_ts event_name user_id anonymous_id session_id product_id price quantity order_id currency"
    event += " device platform page_url user_agent utm_source utm_medium utm_campaign"
    order = "order_id ordered_at customer_id country currency lines discount shipping payments"
    refund = "refund_id order_id refunded_at customer_id currency lines payment_id amount"
    product = "product_id product_name category price cost updated_at"

    for shape, names in ((events, event), (ordered_lines, order), (returned_lines, refund), (products, product)):
        record = dict.fromkeys(names.split()) | ({"lines": [{"line_number": 1}]} if "lines" in names else {})
        [row] = shape(arrived(events_raw, json.dumps(record)), strict).collect()
        assert row._source.problem is None


def test_a_refund_of_several_lines_keeps_their_numbers(arrived, zenith):
    lines = [{"line_number": at, "product_id": f"p{at}", "quantity": at, "unit_price": 1} for at in (1, 2, 3)]

    rows = returned_lines(arrived(events_raw, json.dumps({"refund_id": "r1", "lines": lines})), zenith).collect()

    assert sorted((row.line_number, row.product_id, row.quantity) for row in rows) == [
        (1, "p1", -1),
        (2, "p2", -2),
        (3, "p3", -3),
    ]
