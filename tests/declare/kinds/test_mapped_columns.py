import pytest

from shoplake.columns.raw_record import RECORD, csv_record, type_errors
from shoplake.declare import Append, Feed, FeedKind, Feeds, col, table
from shoplake.declare.kinds.mapped_columns import expected_columns
from shoplake.feeds.conform import conform
from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.tables.silver.products import products

COLUMNS = (col("feed", "string", "Shop"), col("what", "string", "What"), col("note", "string", "Note"))


@table("silver", write=Append(), columns=COLUMNS)
def tales(orders_raw, *, feeds: Feeds):
    """One row per tale."""
    return conform("tales", COLUMNS, feeds, orders_raw=orders_raw)


@table("gold", write=Append(), columns=COLUMNS)
def counts(tales):
    """One row per tale that counts."""
    return tales


def map_tales(raw, feed):
    return csv_record(raw, ["what"]).select("feed", "what", RECORD, type_errors(what="string"))


def feeds_of(mapper):
    return (Feed("shop", FeedKind("teller", "tells", (), {"tales": {"orders_raw": mapper}}), "landing"),)


def test_columns_that_a_mapping_returns_are_expected(arrived):
    feeds = feeds_of(map_tales)
    tales(arrived(orders_raw, "yes", header="what"), feeds=feeds)
    assert expected_columns(tales, feeds) & {"what", "note"} == {"what"}


def test_all_columns_are_expected_of_a_mapping_that_was_not_analysed():
    assert expected_columns(tales, feeds_of(lambda raw, feed: raw)) == {"feed", "what", "note"}


@pytest.mark.parametrize("declared", [counts, orders_raw])
def test_no_column_is_expected_of_a_table_that_no_kind_maps(declared):
    assert expected_columns(declared, feeds_of(map_tales)) == frozenset()


def test_the_end_of_a_version_is_not_expected_of_a_history_in_which_nothing_has_changed_yet():
    feed = Feed(
        "shop", FeedKind("teller", "tells", (), {"products": {"products_raw": lambda raw, feed: raw}}), "landing"
    )

    assert {"product_id", "category"} <= expected_columns(products, (feed,))
    assert "valid_to" not in expected_columns(products, (feed,))
