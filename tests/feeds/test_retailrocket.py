from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from shoplake.feeds import RETAILROCKET
from shoplake.feeds.retailrocket import categories, products
from shoplake.tables.bronze.categories_raw import categories_raw
from shoplake.tables.bronze.events_raw import events_raw
from shoplake.tables.bronze.product_changes_raw import product_changes_raw
from shoplake.tables.silver.events import events
from shoplake.transforms.expectations import VIOLATIONS, evaluate_expectations

EVENTS = "timestamp,visitorid,event,itemid,transactionid"
CHANGES = "timestamp,itemid,property,value"
VIEW = "1433221332117,257597,view,355908,"
BOUGHT = "1433222276276,599528,transaction,356475,4000"
PRICED = "1435460400000,460429,790,n12000.000"


@pytest.fixture
def parse_events(arrived, retailrocket):
    """The events of lines, in order, with their violations."""

    def build(*lines, header=EVENTS, names=()):
        feed = replace(retailrocket, events=names)
        rows = evaluate_expectations(
            events(arrived(events_raw, *lines, header=header), feeds=(feed,)), events.expectations
        )
        return rows.orderBy("_source.line").collect()

    return build


@pytest.fixture
def parse_changes(arrived, retailrocket):
    """The product changes of lines, in order, with their violations."""

    def build(*lines):
        rows = products(arrived(product_changes_raw, *lines, header=CHANGES), retailrocket)
        return evaluate_expectations(rows, ()).orderBy("_source.line").collect()

    return build


@pytest.mark.parametrize(
    ("path", "into"),
    [
        ("events.csv", "events_raw"),
        ("2015-05-events-1.csv.gz", "events_raw"),
        ("item_properties_part1.csv", "product_changes_raw"),
        ("item_properties.csv", "product_changes_raw"),
        ("category_tree.csv", "categories_raw"),
        ("ground_truth.json", None),
        ("old/events.csv", None),
    ],
)
def test_each_file_has_its_stream(path, into):
    assert next((stream.into for stream in RETAILROCKET.streams if stream.matches(path)), None) == into


def test_a_view_is_an_event_of_a_sessionor_without_quantity_or_price(parse_events):
    [view] = parse_events(VIEW)

    assert (view.event_at, view.event_date) == (datetime(2015, 6, 2, 5, 2, 12, 117_000), date(2015, 6, 2))
    assert (view.event_name, view.visitor_id, view.product_id) == ("product_view", "257597", "355908")
    assert (view.customer_id, view.quantity, view.unit_price, view.order_id, view[VIOLATIONS]) == (*[None] * 4, [])


def test_a_transaction_is_the_purchase_of_one_piece_by_a_customer(parse_events):
    [bought] = parse_events(BOUGHT)

    assert (bought.event_name, bought.order_id, bought.quantity) == ("purchase", "4000", 1)
    assert (bought.visitor_id, bought.customer_id, bought.currency) == ("599528", "599528", "EUR")


def test_an_event_is_a_purchase_by_its_name_in_silver(parse_events):
    names = (("sold", "purchase"), ("purchase", "bought"))
    sold, unnamed, bought = parse_events(
        BOUGHT.replace("transaction", "sold"), BOUGHT.replace("transaction", "sold")[:-4], BOUGHT, names=names
    )

    assert (sold.event_name, sold.customer_id, sold.quantity, sold[VIOLATIONS]) == ("purchase", "599528", 1, [])
    assert unnamed[VIOLATIONS] == ["order_id_present"]
    assert (bought.event_name, bought.customer_id, bought.quantity) == ("bought", None, None)


def test_equal_events_have_equal_ids_and_others_do_not(parse_events):
    quoted = '1433221332117,"257597",view,355908.0,'
    others = (VIEW.replace("117", "118"), VIEW.replace("257597", "257598"), VIEW.replace("view", "addtocart"))

    ids = [row.event_id for row in parse_events(VIEW, quoted, VIEW, *others, BOUGHT, BOUGHT.replace("4000", "4001"))]

    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids)) == 6


INVALID_EVENTS = [
    ("1433221332117,257597,view,355908", ["fields_fit_header"]),
    ("1433221332117,257597,view,355908,,", ["fields_fit_header"]),
    ('1433221332117,257597,"view,355908,', ["fields_fit_header"]),
    ("yesterday,257597,view,355908,", ["timestamp_fits_type", "event_at_present"]),
    ("99999999999999999,257597,view,355908,", ["event_at_present"]),
    ("1433221332117,x,view,355908,", ["visitorid_fits_type", "visitor_id_present"]),
    ("1433221332117,257597,stare,355908,", ["event_name_known"]),
    ("1433221332117,257597,view,,", ["product_id_present"]),
    ("1433221332117,257597,transaction,355908,", ["order_id_present"]),
]
"""Lines with the rules that they violate."""


def test_an_invalid_event_is_quarantined_with_every_reason(parse_events):
    valid, *invalid = parse_events(VIEW, *[line for line, _ in INVALID_EVENTS])

    found = [(row["_source"].line, row["_source"].raw, row[VIOLATIONS]) for row in invalid]
    assert valid[VIOLATIONS] == []
    assert found == [(number, *expected) for number, expected in enumerate(INVALID_EVENTS, 2)]


def test_a_change_sets_one_column_and_leaves_the_others_null(parse_changes):
    lines = PRICED, "1435460400000,460429,categoryid,1338", "1435460400000,460429,available,0"

    price, category, available = parse_changes(*lines)

    assert {row.updated_at for row in (price, category, available)} == {datetime(2015, 6, 28, 3)}
    records = [(row.sets, row.category, row.price, row.is_available) for row in (price, category, available)]
    assert records == [
        (["price"], None, Decimal("12000.0000"), None),
        (["category"], "1338", None, None),
        (["is_available"], None, None, False),
    ]


def test_other_properties_create_no_change_unless_they_cannot_be_parsed(parse_changes):
    valid = "1435460400000,460429,888,n552.000 639502 n720.000 424566"
    invalid = "never,460429,888,1", "1435460400000,,888,1", "1435460400000,460429,888", "1435460400000,460429,,1"

    rows = parse_changes(valid, *invalid)

    assert [(row["_source"].line, row[VIOLATIONS]) for row in rows] == [
        (2, ["timestamp_fits_type"]),
        (3, []),
        (4, ["fields_fit_header"]),
        (5, ["property_present"]),
    ]


def test_columns_may_be_in_any_order(arrived, retailrocket):
    lines = "790,n1.5,7,1435460400000", "888,n1.5,7,1435460400000", "790,n1.5,7,later"
    header = "property,value,itemid,timestamp"

    rows = products(arrived(product_changes_raw, *lines, header=header), retailrocket).orderBy("_source.line").collect()

    assert [(row.product_id, row.sets, row.updated_at is None) for row in rows] == [
        ("7", ["price"], False),
        ("7", ["price"], True),
    ]


VALUES = [
    ("790", "n12.5", []),
    ("790", "ninety", ["value_fits_type"]),
    ("790", "nInfinity", ["value_fits_type"]),
    ("790", "n1.000 n2.000", ["value_fits_type"]),
    ("790", "", ["value_present"]),
    ("available", "1", []),
    ("available", "2", ["value_fits_type"]),
    ("available", "true", ["value_fits_type"]),
    ("categoryid", "shoes", ["value_fits_type"]),
]
"""Properties and values with the rules that they violate."""


def test_a_value_that_its_property_cannot_have_is_quarantined(parse_changes):
    rows = parse_changes(*[f"1435460400000,460429,{name},{value}" for name, value, _ in VALUES])

    assert [row[VIOLATIONS] for row in rows] == [violations for *_, violations in VALUES]


def test_a_category_without_a_parent_is_a_root(arrived, retailrocket):
    lines = "1016,213", "809,169.0", "231,", "x,1"

    rows = evaluate_expectations(
        categories(arrived(categories_raw, *lines, header="categoryid,parentid"), retailrocket), ()
    )

    records = [(row.category_id, row.parent_id, row[VIOLATIONS]) for row in rows.orderBy("_source.line").collect()]
    assert records == [
        ("1016", "213", []),
        ("809", "169", []),
        ("231", None, []),
        (None, "1", ["categoryid_fits_type"]),
    ]
