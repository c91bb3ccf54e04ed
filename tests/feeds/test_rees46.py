from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pyspark.sql import functions as F
from reliability.lakes import content, drop, lake_at, listed, totals

from shoplake.columns.raw_record import TYPE_ERRORS
from shoplake.declare import Feed
from shoplake.feeds import REES46
from shoplake.feeds.rees46 import EVENT, events
from shoplake.tables.bronze.events_raw import events_raw
from shoplake.tables.silver.events import events as silver_events
from shoplake.transforms.expectations import VIOLATIONS, evaluate_expectations

HEADER = ",".join(EVENT)
FEED = Feed("shop", REES46, "landing", "Europe/Berlin", "USD")
PHONE = {
    "event_time": "2019-10-01 22:30:00 UTC",
    "event_type": "view",
    "product_id": "1004856",
    "category_id": "2053013555631882655",
    "category_code": "electronics.smartphone",
    "brand": "samsung",
    "price": "130.76",
    "user_id": "541312140",
    "user_session": "s1",
}


def line(**other):
    return ",".join((PHONE | other).values())


@pytest.fixture
def built(arrived):
    """The events of CSV lines, in the order of the file."""

    def build(*lines):
        raw = arrived(events_raw, *lines, header=HEADER)
        return evaluate_expectations(events(raw, FEED), silver_events.expectations).orderBy("_source.line").collect()

    return build


def test_an_event_that_the_settings_map_to_a_purchase_is_one(arrived):
    feed = replace(FEED, events=(("buy", "purchase"),))
    raw = arrived(events_raw, line(event_type="buy"), line(event_type="look"), header=HEADER)

    rows = silver_events(raw.withColumn("feed", F.lit("shop")), feeds=(feed,)).orderBy("_source.line").collect()

    assert [(row.event_name, row.order_id, row.quantity) for row in rows] == [
        ("purchase", "s1", 1),
        ("look", None, None),
    ]


def test_every_csv_of_the_folder_is_read():
    [stream] = REES46.streams

    assert [path for path in ("2019-Oct.csv", "2019-Nov.csv.gz", "a.json") if stream.matches(path)] == [
        *("2019-Oct.csv", "2019-Nov.csv.gz"),
    ]


def test_a_row_becomes_an_event_on_the_shops_own_day(built):
    [row] = built(line())

    assert (row.event_at, row.event_date) == (datetime(2019, 10, 1, 22, 30), date(2019, 10, 2))
    assert (row.visitor_id, row.customer_id, row.session_id) == ("541312140", "541312140", "s1")
    assert (row.product_id, row.unit_price, row.currency) == ("1004856", Decimal("130.7600"), "USD")
    assert row.attributes == {
        "brand": "samsung",
        "category_id": "2053013555631882655",
        "category_code": "electronics.smartphone",
    }


def test_event_types_have_the_canonical_spelling_and_only_pieces_have_a_quantity(built):
    rows = built(*[line(event_type=name) for name in ("view", "cart", "remove_from_cart", "purchase", "wish")])

    assert [(row.event_name, row.quantity) for row in rows] == [
        *(("product_view", None), ("add_to_cart", 1), ("remove_from_cart", 1), ("purchase", 1), ("wish", None)),
    ]
    assert [row[VIOLATIONS] for row in rows] == [[], [], [], [], ["event_name_known"]]


def test_the_purchases_of_a_session_are_one_order(built):
    rows = built(
        line(event_type="purchase"),
        line(event_type="purchase", product_id="2"),
        line(event_type="purchase", user_session=""),
        line(event_type="cart"),
    )

    assert [row.order_id for row in rows] == ["s1", "s1", "541312140@2019-10-01 22:30:00", None]


def test_identical_rows_of_a_file_are_events_of_their_own(built):
    first, second = built(line(), line())

    assert first.event_id != second.event_id


def test_a_missing_brand_is_no_attribute(built):
    [row] = built(line(brand="", category_code=""))

    assert row.attributes == {"category_id": "2053013555631882655"}


def test_what_cannot_be_right_has_a_reason(built):
    rows = built(line(event_time="soon"), line(price="dear"), line(price="-1"), line(product_id=""), line()[:-20])

    assert [row[VIOLATIONS] for row in rows] == [
        *(
            ["event_time_fits_type", "event_at_present"],
            ["price_fits_type"],
            ["unit_price_not_negative"],
            ["product_id_present"],
        ),
        ["fields_fit_header"],
    ]


def test_a_record_without_violations_has_no_type_errors(arrived):
    [row] = events(arrived(events_raw, line(), header=HEADER), FEED).collect()

    assert row[TYPE_ERRORS] == []


BOUGHT = [("a", 1, "10.50"), ("a", 2, "3.25"), ("b", 1, "10.50"), ("c", 3, "7.00"), ("c", 3, "7.00")]
"""Session, product and price; the last two are identical rows."""


def month():
    views = [line(product_id=str(n), user_session="a", user_id="u-a") for n in (1, 2, 2)]
    bought = [
        line(event_type="purchase", user_session=session, user_id=f"u-{session}", product_id=str(product), price=price)
        for session, product, price in BOUGHT
    ]
    return HEADER, *views, *bought, line()[:40]


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A lake of one file whose last row is cut, and its path and landing folder."""
    folder = tmp_path_factory.mktemp("rees46")
    drop(folder / "landing", "2019-Oct.csv", *month())
    lake = lake_at(folder / "lake", folder / "landing", "rees46", tables=("sales_daily", "payments"))
    lake.run()
    return lake, folder


@pytest.mark.slow
def test_purchases_become_sales(lake):
    [day] = listed(lake[1] / "lake", "gold/sales_daily")

    gross = sum(Decimal(price) for *_, price in BOUGHT)
    assert (day["orders"], day["customers"], day["units_sold"]) == (3, 3, len(BOUGHT))
    assert (day["gross_sales"], day["net_sales"], day["sales_date"]) == (gross, gross, date(2019, 10, 1))


@pytest.mark.slow
def test_order_lines_are_the_purchases(lake):
    lines = listed(lake[1] / "lake", "silver/order_lines")

    found = Counter((row["order_id"], int(row["product_id"]), str(row["amount"])) for row in lines)
    assert found == Counter((session, product, f"{price}00") for session, product, price in BOUGHT)
    at = datetime(2019, 10, 1, 22, 30, tzinfo=UTC)
    assert {row["ordered_at"] for row in lines} == {at}


@pytest.mark.slow
def test_the_cut_last_row_is_quarantined(lake):
    [bad] = listed(lake[1] / "lake", "silver/events_quarantine")

    assert (bad["reasons"], bad["raw"], bad["line"]) == (["fields_fit_header"], line()[:40], 10)


@pytest.mark.slow
def test_a_file_that_arrives_again_under_another_name_changes_nothing(lake):
    shop, folder = lake
    tables = ("silver/events", "silver/order_lines", "gold/sales_daily")
    before = content(folder / "lake", tables)

    drop(folder / "landing", "2019-Oct-again.csv", *month())
    shop.run()

    assert content(folder / "lake", tables) == before
    assert totals(folder / "lake", "silver/events")["rows_duplicate"] == len(month()) - 2
