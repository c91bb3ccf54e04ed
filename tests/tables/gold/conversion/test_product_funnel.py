import pytest

from shoplake.tables.gold.conversion.product_funnel import product_funnel
from shoplake.tables.silver.events import events


@pytest.fixture
def built(some):
    """The funnel of events given as `(visitor, step, product)`, by feed and product."""

    def build(*told):
        same = {"feed": "shop", "is_bot": False}
        names = ("visitor_id", "event_name", "product_id")
        rows = [same | dict(zip(names, each, strict=False)) | dict(*each[3:]) for each in told]
        return {(row.feed, row.product_id): tuple(row)[2:] for row in product_funnel(some(events, *rows)).collect()}

    return build


def test_each_visitor_counts_once_a_product_and_step(built):
    ann = [("ann", step, "p1") for step in ("product_view", "product_view", "add_to_cart", "purchase")]
    others = [(who, "product_view", "p1") for who in ("bob", "cem", "dan")]

    assert built(*ann, *others, ("bob", "add_to_cart", "p1")) == {("shop", "p1"): (4, 2, 1, 0.5, 0.5, 0.25)}


def test_rates_are_null_where_the_base_is_zero(built):
    assert built(("ann", "purchase", "p1"), ("ann", "add_to_cart", "p2")) == {
        ("shop", "p1"): (0, 0, 1, None, None, None),
        ("shop", "p2"): (0, 1, 0, None, 0.0, None),
    }


def test_programs_are_left_out(built):
    assert built(("spider", "product_view", "p1", {"is_bot": True}), ("ann", "product_view", "p1")) == {
        ("shop", "p1"): (1, 0, 0, 0.0, None, 0.0)
    }


def test_events_of_no_product_and_other_steps_make_no_row(built):
    assert built(("ann", "page_view", "p1"), ("ann", "remove_from_cart", "p2"), ("ann", "product_view", None)) == {}


def test_one_product_in_two_feeds_is_two_rows(built):
    rows = built(("ann", "product_view", "p1"), ("ann", "product_view", "p1", {"feed": "other"}))

    assert set(rows) == {("shop", "p1"), ("other", "p1")}
