import json
from datetime import date, datetime

import pytest

from shoplake import tables as shoplake_tables
from shoplake.declare.catalog import Catalog
from shoplake.tables.bronze.customer_changes_raw import customer_changes_raw
from shoplake.tables.bronze.customers_raw import customers_raw
from shoplake.tables.silver.customers import customers
from shoplake.transforms.scd2 import build_scd2

HEADER = "customer_id,signup_date,location,email,phone,updated_at"
ANN = "c1,2025-01-31,London,ann@example.com,123,2026-03-01T09:00:00Z"
TYPES = {column.name: column.type for column in customers.change_columns}


@pytest.fixture
def changes(arrived, zenith):
    """The changes that lines of snapshots tell of, or records of a change feed."""

    def records(*lines, header=HEADER, feed=()):
        snapshots = arrived(customers_raw, *lines, header=header)
        return customers(snapshots, arrived(customer_changes_raw, *map(json.dumps, feed)), feeds=(zenith,))

    return records


@pytest.fixture
def versions(changes):
    """The versions of snapshot lines, oldest first."""

    def build(*lines, feed=()):
        records = changes(*lines, feed=feed).drop("_source", "_type_errors")
        return (
            build_scd2(records, ["feed", "customer_id"], customers.write, TYPES)
            .orderBy("customer_id", "valid_from")
            .collect()
        )

    return build


def test_a_line_of_a_snapshot_becomes_a_typed_change(changes, split_rows):
    [ann], reasons = split_rows(customers, changes(ANN))

    assert reasons == {}
    assert (ann.feed, ann.customer_id, ann.location, ann.email, ann.phone) == (
        *("shop", "c1", "London"),
        *("ann@example.com", "123"),
    )
    assert (ann.signup_date, ann.updated_at) == (date(2025, 1, 31), datetime(2026, 3, 1, 9))


def test_a_snapshot_that_changes_nothing_creates_no_version(versions):
    [version] = versions(ANN, ANN, ANN.replace("2026-03-01T", "2026-03-02T"))

    assert (version.valid_from, version.valid_to, version.is_current) == (datetime(2026, 3, 1, 9), None, True)


def test_null_to_a_value_and_back_are_versions(versions):
    records = versions(
        "c1,,London,,,2026-03-01T09:00:00Z",
        "c1,,London,,123,2026-03-02T09:00:00Z",
        "c1,,London,,,2026-03-03T09:00:00Z",
    )

    days = [datetime(2026, 3, day, 9) for day in (1, 2, 3)]
    assert [version.phone for version in records] == [None, "123", None]
    assert [(version.valid_from, version.valid_to) for version in records] == list(
        zip(days, [*days[1:], None], strict=True)
    )
    assert [version.is_current for version in records] == [False, False, True]


@pytest.mark.parametrize("line", ["c1,2025-01-31,London", f"{ANN},more", "c1"])
def test_a_line_with_more_or_fewer_cells_than_the_header_is_quarantined(changes, split_rows, line):
    valid, reasons = split_rows(customers, changes(ANN, line))

    assert [row.customer_id for row in valid] == ["c1"]
    assert reasons == {2: ["fields_fit_header"]}


def test_an_address_that_is_none_is_quarantined(changes, split_rows):
    emails = ["ann", "ann@example", "a@b@example.com", "ann @example.com", "ann@.", '"ann@x.io\n"']

    _, reasons = split_rows(customers, changes(*[ANN.replace("ann@example.com", email) for email in emails]))

    assert reasons == {line: ["email_is_email"] for line in range(1, len(emails) + 1)}


def test_a_missing_address_is_fine(changes, split_rows):
    [ann], _ = split_rows(customers, changes(ANN.replace("ann@example.com", "")))

    assert ann.email is None


def test_quoted_cells_keep_their_commas_quotes_and_letters(changes, split_rows):
    [ann], _ = split_rows(customers, changes('c1,,"Zürich, ""Old Town"" – 東京",,"",2026-03-01T09:00:00Z'))

    assert (ann.location, ann.phone) == ('Zürich, "Old Town" – 東京', None)


def test_a_quote_that_is_never_closed_is_quarantined_and_harms_no_other_line(changes, split_rows):
    cut = 'c1,2025-01-31,"London,ann@example.com,123,2026-03-01T09:00:00Z'

    valid, reasons = split_rows(customers, changes(cut, ANN))

    assert len(valid) == 1
    assert reasons == {1: ["fields_fit_header"]}


def test_a_cell_that_is_a_lone_quote_is_quarantined_and_harms_no_other_line(changes, split_rows):
    valid, reasons = split_rows(customers, changes('c1,2025-01-31,",ann@example.com,123,2026-03-01T09:00:00Z', ANN))

    assert len(valid) == 1
    assert reasons == {1: ["fields_fit_header"]}


def test_the_header_decides_the_position_of_a_field(changes, split_rows):
    header = "updated_at,customer_id,newsletter,location"

    [ann], reasons = split_rows(customers, changes("2026-03-01T09:00:00Z,c1,yes,Leeds", header=header))

    assert (ann.customer_id, ann.location, ann.email, reasons) == ("c1", "Leeds", None, {})


def test_a_day_that_is_none_is_a_reason(changes, split_rows):
    _, reasons = split_rows(
        customers, changes("c1,31/01/2025,,,,2026-03-01T09:00:00Z", ",2025-01-31,,,,2026-03-01T09:00:00Z")
    )

    assert reasons == {1: ["signup_date_fits_type"], 2: ["customer_id_present"]}


def change(op, number, at, **fields):
    """A record of a change feed."""
    return {"op": op, "sequence": number, "changed_at": f"2026-03-{at:02}T09:00:00Z", "customer_id": "c1", **fields}


def test_a_record_of_a_change_feed_is_a_change_with_its_operation_and_number(changes, split_rows):
    [ann], reasons = split_rows(
        customers, changes(feed=[change("UPDATE", 7, 2, signup_date="2025-01-31", phone="123")])
    )

    assert reasons == {}
    assert (ann.operation, ann.sequence, ann.updated_at) == ("update", 7, datetime(2026, 3, 2, 9))
    assert (ann.signup_date, ann.phone, ann.email) == (date(2025, 1, 31), "123", None)


def test_a_deletion_ends_the_last_version_and_a_return_starts_one_after_a_gap(versions):
    feed = [change("delete", 2, 5), change("insert", 1, 1, phone="1"), change("insert", 3, 9, phone="2")]

    records = [(row.phone, row.valid_from.day, row.valid_to and row.valid_to.day) for row in versions(feed=feed)]

    assert records == [("1", 1, 5), ("2", 9, None)]


def test_of_several_changes_at_one_time_the_greatest_sequence_wins(versions):
    feed = [change("update", 10, 1, phone="a"), change("update", 9, 1, phone="z"), change("delete", 2, 1)]

    assert [row.phone for row in versions(feed=feed)] == ["a"]


def test_snapshots_and_changes_create_versions_together(versions):
    records = versions(ANN, feed=[change("delete", 1, 4)])

    assert [(row.email, row.valid_from.day, row.valid_to.day, row.is_current) for row in records] == [
        ("ann@example.com", 1, 4, False)
    ]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"op": "truncate"}, "operation_known"),
        ({"op": None}, "operation_known"),
        ({"sequence": "first"}, "sequence_fits_type"),
        ({"changed_at": None}, "updated_at_present"),
        ({"changed_at": "soon"}, "changed_at_fits_type"),
    ],
)
def test_a_change_without_operation_or_time_is_quarantined(changes, split_rows, values, reason):
    _, reasons = split_rows(customers, changes(feed=[change("update", 1, 1) | values]))

    assert reason in reasons[1]


PERSONAL = {"email", "phone", "location", "customer_location", "raw", "record_key"}
"""Columns that say who somebody is, where they live or what a whole record says."""


def test_such_columns_are_declared_as_personal_in_every_table():
    tables = [
        each for table in Catalog.from_package(shoplake_tables).values() for each in (table, *table.companion_tables)
    ]
    columns = [(table.qualified_name, column) for table in tables for column in (*table.columns, *table.change_columns)]

    assert [(name, column.name) for name, column in columns if column.name in PERSONAL and not column.personal] == []
    assert {column.name for _, column in columns if column.personal} >= PERSONAL
