import pytest

from shoplake import tables
from shoplake.columns.web import STEPS
from shoplake.declare import FeedKind, Stream
from shoplake.declare.catalog import Catalog
from shoplake.declare.kinds.kind_check import check_kinds, find_mistakes, function_name
from shoplake.errors import KindError
from shoplake.feeds import KINDS

CATALOG = Catalog.from_package(tables)
SALES = Stream("*.csv", "csv", into="orders_raw")


def sold(raw, feed):
    return raw


def mistakes(streams=(SALES,), mappings=None, funnel_steps=()):
    kind = FeedKind("stall", "A stall", streams, mappings or {}, funnel_steps)
    return list(find_mistakes(kind, CATALOG, STEPS))


def test_the_kinds_of_the_package_fit_its_tables():
    check_kinds(KINDS.values(), CATALOG, STEPS)


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (
            {"streams": (Stream("*.csv", "csv", into="order_raw"),)},
            "the stream '*.csv' goes into 'order_raw'. Unknown table 'order_raw'. Did you mean 'orders_raw'?",
        ),
        (
            {"streams": (Stream("*.csv", "csv", into="events"),)},
            "the stream '*.csv' goes into 'events'. Unknown table 'events'. Did you mean 'events_raw'?",
        ),
        (
            {"streams": SALES},
            "streams must be a tuple of Stream values. Write streams=(Stream(…),) with a comma before the bracket.",
        ),
        (
            {"mappings": {"order_line": {"orders_raw": sold}}},
            "mappings name the table 'order_line'. Unknown table 'order_line'. Did you mean 'order_lines'?",
        ),
        (
            {"mappings": {"order_lines": {"order_raw": sold}}},
            "sold() reads 'order_raw', which is no input of silver.order_lines. "
            "Unknown table 'order_raw'. Did you mean 'orders_raw'?",
        ),
        (
            {"mappings": {"payments": sold}},
            'mappings["payments"] must be functions by input table. '
            'Write {"payments": {"orders_raw or refunds_raw": …}}.',
        ),
        (
            {"mappings": {"order_lines": {"orders_raw": "sold"}}},
            'mappings["order_lines"]["orders_raw"] must be a function, not \'sold\'.',
        ),
        (
            {"mappings": {"events": {"events_raw": sold}}},
            "it maps events and has no funnel_steps. List the steps that its shops send.",
        ),
        ({"funnel_steps": ("purchases",)}, "'purchases' is no funnel step. Did you mean 'purchase'?"),
    ],
)
def test_a_mistake_of_a_kind_is_one_line_with_the_nearest_name(wrong, line):
    assert mistakes(**wrong) == [f"Kind 'stall': {line}"]


def test_all_mistakes_of_all_kinds_are_in_one_error():
    wrong = FeedKind("stall", "A stall", (Stream("*", "csv", into="order_raw"),), {"order_line": {}})

    with pytest.raises(KindError) as error:
        check_kinds([wrong, FeedKind("shop", "A shop", (), {"event": {}})], CATALOG)

    assert [line.split(":")[0] for line in str(error.value).splitlines()] == ["Kind 'stall'"] * 2 + ["Kind 'shop'"]


def test_a_function_is_named_with_brackets():
    assert function_name(sold) == "sold()"
