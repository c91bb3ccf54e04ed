import pytest

from shoplake.tables.gold.conversion.product_funnel import product_funnel
from shoplake.tables.silver.events import events


@pytest.fixture
def build(some):
    """The funnel of events given as `(visitor, step, product)`, by feed and product."""

    def build(*records):
        same = {"feed": "shop", "is_bot": False}
        names = ("visitor_id", "event_name", "product_id")
        rows = [same | dict(zip(names, each, strict=False)) | dict(*each[3:]) for each in records]
        return {(row.feed, row.product_id): tuple(row)[2:] for row in product_funnel(some(events, *rows)).collect()}

    return build


def test_each_sessionor_counts_once_a_product_and_step(build):
    ann = [("ann", step, "p1") for step in ("product_view", "product_view", "add_to_cart", "purchase")]
    others = [(who, "product_view", "p1") for who in ("bob", "cem", "dan")]

    assert build(*ann, *others, ("bob", "add_to_cart", "p1")) == {("shop", "p1"): (4, 2, 1, 0.5, 0.5, 0.25)}


def test_rates_are_null_where_the_base_is_zero(build):
    assert build(("ann", "purchase", "p1"), ("ann", "add_to_cart", "p2")) == {
        ("shop", "p1"): (0, 0, 1, None, None, None),
        ("shop", "p2"): (0, 1, 0, None, 0.0, None),
    }


def test_bots_are_excluded(build):
    assert build(("spider", "product_view", "p1", {"is_bot": True}), ("ann", "product_view", "p1")) == {
        ("shop", "p1"): (1, 0, 0, 0.0, None, 0.0)
    }


def test_events_of_no_product_and_other_steps_create_no_row(build):
    assert build(("ann", "page_view", "p1"), ("ann", "remove_from_cart", "p2"), ("ann", "product_view", None)) == {}


def test_one_product_in_two_feeds_is_two_rows(build):
    rows = build(("ann", "product_view", "p1"), ("ann", "product_view", "p1", {"feed": "other"}))

    assert set(rows) == {("shop", "p1"), ("other", "p1")}
