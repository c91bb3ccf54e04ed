"""What a table's write mode needs of its columns and inputs is known when the lake opens."""

from dataclasses import replace

import pytest
from sample_documents import receipts, receipts_raw
from sample_tables import CATALOG, PAUSE, daily, latest, marks, prices, visits

from shoplake.declare import RebuildKeys, Replace, SessionWindow, Upsert
from shoplake.declare.catalog import Catalog
from shoplake.errors import DeclarationError

WINDOW = visits.write


def refused(table):
    """What the catalog says of a table among the sample tables."""
    with pytest.raises(DeclarationError) as error:
        Catalog([*[each for each in CATALOG.values() if each.name != table.name], receipts_raw, table])
    return str(error.value)


def optional(table, name):
    """The table where a column may be null."""
    columns, changes = (
        tuple(replace(each, required=each.required and each.name != name) for each in of)
        for of in (table.columns, table.change_columns)
    )
    return replace(table, columns=columns, change_columns=changes)


@pytest.mark.parametrize(("table", "name"), [(marks, "id"), (receipts, "line"), (prices, "thing")])
def test_a_key_by_which_records_replace_each_other_is_never_null(table, name):
    said = refused(optional(table, name))

    assert said.startswith(f"silver.{table.name}.{name} is in the key and may be null, and null is no key. Declare it")


def test_rows_are_upserted_by_a_time_that_is_never_null():
    assert "silver.latest is upserted by 'at', which may be null" in refused(optional(latest, "at"))
    arrived = replace(marks.column("at"), name="ingested_at", required=False)
    by_arrival = replace(latest, write=Upsert("ingested_at"), columns=(*latest.columns, arrived))
    assert by_arrival.name in Catalog([CATALOG["marks_raw"], by_arrival])


@pytest.mark.parametrize("partition_by", [(), ("who",)])
def test_repeats_are_looked_up_around_a_day_by_which_the_table_is_partitioned(partition_by):
    said = refused(replace(marks, partition_by=partition_by))

    assert said.startswith("silver.marks finds repeats within 7 days and is partitioned by none.")


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (replace(WINDOW, start="begin"), "silver.visits has sessions and no column 'begin' for them. There are:"),
        (
            replace(WINDOW, event_time="moment"),
            "silver.visits is written by the column 'moment' of silver.marks, which",
        ),
        (replace(WINDOW, event_date="dya"), "has none. Did you mean 'day'?"),
        (replace(WINDOW, gap_s=-PAUSE), "silver.visits has sessions with gap_s = -1800. Write seconds, such as 1800."),
    ],
)
def test_sessions_are_of_columns_that_exist(mode, said):
    assert isinstance(mode, SessionWindow)
    assert said in refused(replace(visits, write=mode))


def test_sessions_have_one_input_of_events():
    assert refused(replace(visits, incremental=())) == (
        'silver.visits has sessions of one input. Declare which: incremental="…".'
    )


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (Replace("dya"), "gold.daily is replaced by 'dya', which is no column. Did you mean 'day'?"),
        (Replace("day", {"mark": "day"}), "input_partitions of 'mark', which it does not read. Did you mean 'marks'?"),
        (
            Replace("day", {"marks": "dya"}),
            "gold.daily is written by the column 'dya' of silver.marks, which has none.",
        ),
        (Replace("day", {"marks": ("day", "dya")}), "gold.daily is written by the column 'dya' of silver.marks"),
        (
            Replace("day", rebuild_keys=RebuildKeys(("feed", "day"), {"marks": ("feed", "dya")})),
            "gold.daily is written by the column 'dya' of silver.marks",
        ),
    ],
)
def test_what_a_table_is_replaced_by_exists(mode, said):
    assert said in refused(replace(daily, write=mode))


def priced(of, stored):
    """The declaration of a table by the price of its input, where the two columns have these types."""
    columns = [replace(daily.column("pieces"), name="price", type=stored), *daily.columns]
    keys = RebuildKeys(("feed", "price"), {"marks": ("feed", "price")})
    table = replace(daily, columns=columns, write=Replace(rebuild_keys=keys))
    upstream = replace(marks, columns=[replace(columns[0], type=of), *marks.columns])
    table.write.validate_inputs(table, {"marks": upstream})


@pytest.mark.parametrize(
    ("of", "stored"), [("decimal(18,4)", "decimal(10,2)"), ("timestamp", "date"), ("string", "int")]
)
def test_rows_are_not_rebuilt_by_keys_that_have_other_values_in_the_input(of, stored):
    with pytest.raises(DeclarationError) as error:
        priced(of, stored)

    assert str(error.value) == (
        f"gold.daily is rebuilt by the key 'price', a {stored}, and the column 'price' of silver.marks is a {of}: rows "
        "of one key have two values. Declare both with one type, and leave the values as they are in the input."
    )


@pytest.mark.parametrize(("of", "stored"), [("decimal(18,2)", "decimal(10,2)"), ("int", "bigint"), ("date", "date")])
def test_rows_are_rebuilt_by_keys_that_have_the_same_values_in_the_input(of, stored):
    priced(of, stored)
