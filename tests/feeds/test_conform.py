import pytest
from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, TYPE_ERRORS, csv_record, type_errors
from shoplake.declare import Feed, FeedKind, Stream, col
from shoplake.errors import KindError
from shoplake.feeds import KINDS
from shoplake.feeds.conform import conform
from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.transforms.join_records import join_records

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


def test_an_empty_text_that_should_name_a_thing_is_null(arrived):
    columns = (col("feed", "string", "Shop"), col("customer_id", "string", "Who"), col("what", "string", "What"))

    def map_guests(raw, feed):
        return map_tales(raw, feed).withColumns({"customer_id": F.lit(""), "what": F.lit("")})

    kind = FeedKind("teller", "tells", (), {"tales": {"orders_raw": map_guests}})

    [row] = conform(
        "tales", columns, of(kind), orders_raw=arrived(orders_raw, "a", header="what", feed="teller")
    ).collect()

    assert (row.customer_id, row.what) == (None, "")


def test_joined_records_and_others_are_rows_of_one_table(arrived):
    def map_joined(raw, feed):
        records = csv_record(raw, ["what"])
        others = records.select("feed", F.col("what"), F.lit("x").alias("other"), RECORD)
        return join_records(records, others, on="what").select("feed", "what", RECORD, type_errors(what="string"))

    joining = FeedKind("joining", "joins", (), {"tales": {"orders_raw": map_joined}}, joins=("orders_raw",))
    raw = [arrived(orders_raw, name, header="what", feed=name) for name in ("teller", "joining")]

    rows = conform("tales", COLUMNS, of(TELLER, joining), orders_raw=raw[0].unionAll(raw[1])).collect()

    own = {row.feed: row._source.own_batch == row._source.batch_id for row in rows}
    assert own == {"teller": False, "joining": True}


@pytest.mark.parametrize(("sent", "code"), [("eur", "EUR"), (" Eur ", "EUR"), ("", None)])
def test_a_currency_is_in_capitals_however_it_is_sent(arrived, sent, code):
    columns = (col("feed", "string", "Shop"), col("currency", "string", "ISO 4217 code"))

    def map_sums(raw, feed):
        return map_tales(raw, feed).drop("what").withColumn("currency", F.lit(sent))

    kind = FeedKind("teller", "tells", (), {"tales": {"orders_raw": map_sums}})

    rows = conform("tales", columns, of(kind), orders_raw=arrived(orders_raw, "a", header="what", feed="teller"))

    assert [row.currency for row in rows.collect()] == [code]


@pytest.mark.parametrize("cell", [None, F.when(F.col("what") == "robot", True)])
def test_what_an_own_kind_does_not_call_a_bot_is_none(arrived, cell):
    columns = (col("feed", "string", "Shop"), col("is_bot", "boolean", "Bot"), col("what", "string", "What"))

    def map_visits(raw, feed):
        said = [] if cell is None else [cell.alias("is_bot")]
        return csv_record(raw, ["what"]).select("feed", "what", *said, RECORD, type_errors(what="string"))

    kind = FeedKind("visits", "visits", (), {"visits": {"orders_raw": map_visits}})
    raw = arrived(orders_raw, "person", "robot", header="what", feed="visits")

    rows = conform("visits", columns, of(kind), orders_raw=raw).collect()

    assert {row.what: row.is_bot for row in rows} == {"person": False, "robot": cell is not None}


def test_attributes_may_be_mapped_for_a_table_that_does_not_declare_them(arrived):
    def map_with_attributes(raw, feed):
        return map_tales(raw, feed).withColumn("attributes", F.create_map(F.lit("brand"), F.col("what")))

    kind = FeedKind("teller", "tells", (), {"tales": {"orders_raw": map_with_attributes}})
    raw = arrived(orders_raw, "yes", header="what", feed="teller")

    rows = conform("tales", COLUMNS, of(kind), orders_raw=raw)

    assert rows.columns == ["feed", "day", "what", RECORD, TYPE_ERRORS]
    assert [row.what for row in rows.collect()] == ["YES"]


def test_a_kind_is_found_by_its_own_name():
    assert all(kind.name == name for name, kind in KINDS.items())
    assert {"zenith", "online_retail"} <= set(KINDS)


def mistakes_of(mapper, arrived, columns=COLUMNS, fields=("tales",)):
    kind = FeedKind("stall", "A stall", (Stream("*", "json", "orders_raw", fields),), {"tales": {"orders_raw": mapper}})
    with pytest.raises(KindError) as error:
        conform("tales", columns, of(kind), orders_raw=arrived(orders_raw, "a", header="what"))
    return str(error.value).splitlines()


def test_a_misspelled_column_is_an_error_with_the_nearest_name(arrived):
    def tell(raw, feed):
        return map_tales(raw, feed).withColumnRenamed("what", "waht")

    assert mistakes_of(tell, arrived) == [
        "Kind 'stall': tell() returns the column 'waht', which silver.tales does not have. Did you mean 'what'?"
    ]


def test_a_missing_required_column_and_missing_lineage_are_a_line_each(arrived):
    def tell(raw, feed):
        return raw.select("feed")

    assert mistakes_of(tell, arrived, (*COLUMNS, col("id", "string", "Id", required=True))) == [
        "Kind 'stall': tell() does not return 'id', which silver.tales requires.",
        "Kind 'stall': tell() does not return '_source'. End its select with RECORD.",
        "Kind 'stall': tell() does not return '_type_errors'. End its select with type_errors(…).",
    ]


def test_a_function_that_returns_nothing_is_an_error(arrived):
    def tell(raw, feed):
        map_tales(raw, feed)

    assert mistakes_of(tell, arrived) == [
        "Kind 'stall': tell() returns NoneType, not a DataFrame. End it with: return …"
    ]


def test_a_function_that_reads_an_unknown_column_is_named(arrived):
    def tell(raw, feed):
        return raw.select("feed", "tale")

    assert mistakes_of(tell, arrived) == [
        "Kind 'stall': tell() reads 'tale', which is no column there. Did you mean 'tales'?"
    ]


def test_a_name_with_a_point_that_is_read_as_a_path_is_explained(arrived):
    def tell(raw, feed):
        return raw.select("feed", "price.net")

    mistakes = mistakes_of(tell, arrived, fields=("id", "price.net"))

    assert mistakes[0].startswith("Kind 'stall': tell() reads '")
    assert "Write F.col('`price.net`'), or rename it first: rows.withColumnsRenamed(" in mistakes[0]


DATED = (
    *COLUMNS,
    col("ordered_at", "timestamp", "When", unit="UTC"),
    col("order_date", "date", "The shop's day"),
    col("paid_date", "date", "Another day"),
)


def map_times(raw, feed):
    at = F.to_timestamp(F.lit("2026-03-01T23:30:00Z")).alias("ordered_at")
    return csv_record(raw, ["what"]).select("feed", "what", at, RECORD, type_errors(what="string"))


def test_a_day_that_is_not_mapped_is_the_shops_day_of_its_time(arrived):
    kind = FeedKind("timed", "tells times", (), {"tales": {"orders_raw": map_times}})
    feed = Feed("timed", kind, "landing", timezone="Pacific/Kiritimati")

    (row,) = conform(
        "tales", DATED, (feed,), orders_raw=arrived(orders_raw, "a", header="what", feed="timed")
    ).collect()

    assert (str(row.order_date), row.paid_date, row.day) == ("2026-03-02", None, None)
