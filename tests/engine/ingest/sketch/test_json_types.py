from shoplake.engine.ingest.sketch.json_types import (
    Number,
    cents_names,
    describe_fields,
    millis_names,
    number_names,
    seconds_names,
    texts_by_field,
)

ORDERS = [
    {"id": 1, "at": 1_760_000_000_000, "total": Number("5.50"), "items": [{"sku": "a", "price": Number("5.50")}]},
    {"id": 2, "at": None, "note": "x", "items": [], "to": {"Zip Code": "1"}},
]


def test_the_fields_of_all_records_are_what_a_mapping_parses():
    assert describe_fields(ORDERS) == (
        "id string, at string, total string, items array<struct<sku string, price string>>, note string, "
        "to struct<`Zip Code` string>"
    )


def test_numbers_with_a_fraction_are_found_at_any_depth():
    assert number_names(ORDERS) == {"total", "price"}


def test_large_whole_numbers_may_be_milliseconds():
    assert millis_names(ORDERS) == ["at"]


def test_whole_numbers_of_fields_named_as_times_may_be_seconds():
    record = {"id": 1_760_000_000, "created": 1_760_000_000, "paidAt": 1_760_000_000, "updated_at": 5, "date": "today"}

    assert seconds_names([record, {"id": 2, "created": None}]) == ["created", "paidAt"]


def test_amounts_that_are_whole_numbers_at_any_depth_may_be_cents():
    prices = {"items": [{"unit_price": 5700, "quantity": 300}], "totalPrice": {"centAmount": 5700}}
    others = {"tax": Number("1.50"), "fee": "250", "shipping": 0, "is_amount": True}

    assert cents_names([{"id": 5700, "amount": 99} | prices | others, {"amount": 1250}]) == [
        "amount",
        "unit_price",
        "centAmount",
    ]


def test_a_value_beside_a_currency_may_be_cents():
    assert cents_names([{"value": 5700}, {"paid": {"value": 2850, "currencyCode": "EUR"}}]) == ["value"]
    assert cents_names([{"value": 5700}, {"paid": {"value": "28.50", "currency": "EUR"}}]) == []


def test_only_fields_of_texts_have_texts():
    assert texts_by_field(ORDERS) == {"note": ["x"]}


def test_a_type_that_is_very_long_is_a_text():
    assert describe_fields([{"id": 1, "raw": {f"field_{each}": "" for each in range(100)}}]) == "id string, raw string"


def test_a_name_with_a_backtick_cannot_be_described():
    assert describe_fields([{"a`b": 1}]) is None
