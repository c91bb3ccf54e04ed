import pytest

from shoplake.feeds import ZENITH
from shoplake.feeds.zenith.native_format import NATIVE_FORMAT, example_record

STREAMS = {stream.pattern.split("/")[0]: stream for stream in ZENITH.streams}


def test_every_stream_of_the_native_kind_is_described():
    assert NATIVE_FORMAT.keys() == STREAMS.keys()


@pytest.mark.parametrize("name", NATIVE_FORMAT)
def test_the_described_fields_are_those_that_the_kind_reads(name):
    assert {field.name for field in NATIVE_FORMAT[name]} == set(STREAMS[name].fields)


def test_an_example_has_a_value_for_every_field_also_in_lists():
    order = example_record(NATIVE_FORMAT["orders"])

    assert order["order_id"] == "o1"
    assert order["lines"] == [{"line_number": 1, "product_id": "p1", "quantity": 2, "unit_price": 9.99, "tax": 3.33}]
