from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, TYPE_ERRORS, csv_record, type_errors
from shoplake.declare import Feed, FeedKind, col
from shoplake.feeds import KINDS
from shoplake.feeds.conform import conform
from shoplake.tables.bronze.orders_raw import orders_raw

COLUMNS = (col("feed", "string", "Shop"), col("day", "date", "Day"), col("what", "string", "What"))


def map_tales(raw, feed):
    parsed = csv_record(raw, ["what"])
    return parsed.select("feed", F.upper("what").alias("what"), RECORD, type_errors(what="string"))


TELLER = FeedKind("teller", "tells", (), {"tales": {"orders_raw": map_tales}})
SILENT = FeedKind("silent", "tells nothing", (), {})


def of(*kinds):
    return tuple(Feed(kind.name, kind, "landing") for kind in kinds)


def test_each_feeds_records_go_through_its_own_kind_and_unknown_columns_are_null(arrived):
    raw = arrived(orders_raw, "yes", header="what", feed="teller")
    other = arrived(orders_raw, "no", header="what", feed="silent")

    rows = conform("tales", COLUMNS, of(TELLER, SILENT), orders_raw=raw.unionAll(other)).collect()

    assert [(row.feed, row.day, row.what) for row in rows] == [("teller", None, "YES")]


def test_two_feeds_of_one_kind_are_combined(arrived):
    feeds = (Feed("north", TELLER, "n"), Feed("south", TELLER, "s"))
    raw = arrived(orders_raw, "a", header="what", feed="north").unionAll(
        arrived(orders_raw, "b", header="what", feed="south")
    )

    rows = conform("tales", COLUMNS, feeds, orders_raw=raw).collect()

    assert sorted((row.feed, row.what) for row in rows) == [("north", "A"), ("south", "B")]


def test_columns_have_declared_order_and_type_even_without_a_mapping(arrived):
    raw = arrived(orders_raw, "a", header="what")

    both = [conform("tales", COLUMNS, of(*kinds), orders_raw=raw) for kinds in ([TELLER], [SILENT], [])]

    for rows in both:
        assert rows.columns == ["feed", "day", "what", RECORD, TYPE_ERRORS]
        assert rows.schema["day"].dataType.simpleString() == "date"
    assert [rows.count() for rows in both] == [0, 0, 0]


def test_a_kind_is_found_by_its_own_name():
    assert all(kind.name == name for name, kind in KINDS.items())
    assert {"zenith", "online_retail"} <= set(KINDS)
