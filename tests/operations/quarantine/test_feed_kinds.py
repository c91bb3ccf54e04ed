"""A fix and a discard of records of every kind: each gives the lake that only ever saw the other files."""

import json
from pathlib import Path

import pytest
from docs.recipes import recipe
from feeds.segment.test_segment import COMPLETED, PRODUCTS
from feeds.shopify.sample_order import MUG, ORDER
from feeds.shopify.test_export import FIRST, HEADER, SECOND, row
from feeds.woocommerce.test_woocommerce import ORDER as WOO_ORDER
from reliability.lakes import lake_at, rows

from shoplake.feeds import KINDS
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.records import RecordFilter

WHEN = {"batch_id", "ingested_at", "quarantined_at"}
ITEMS, ORDERS = "order_id,item_id,product_id,price", "order_id,purchased_at"


def orders(*quantities):
    """Bodies of webhooks, each in an envelope."""
    lines = [
        {"order": ORDER | {"id": 500 + n, "line_items": [MUG | {"quantity": q}]}} for n, q in enumerate(quantities)
    ]
    return {"orders/1.json": "\n".join(map(json.dumps, lines))}


def export(quantity):
    """An order of two rows, of which the second may be bad."""
    return {"orders_export_1.csv": "\n".join([HEADER, row(FIRST), row(SECOND | {"Lineitem quantity": quantity})])}


def parts(price, at):
    """Items and their orders in files of their own."""
    return {
        "items1.csv": f"{ITEMS}\n1,1,A,5.00\n1,2,B,{price}\n2,1,C,3.00\n2,2,D,4.00\n",
        "orders1.csv": f"{ORDERS}\n1,2026-03-01T10:00:00\n2,{at}\n",
    }


def messages(quantity):
    """A completed order of two products, which is of events and orders alike."""
    products = [PRODUCTS[0], PRODUCTS[1] | {"quantity": quantity}]
    return {"a.json": json.dumps(COMPLETED | {"properties": COMPLETED["properties"] | {"products": products}})}


def page(at):
    """A page of the API on one line, whose second order was placed at some time."""
    made = [WOO_ORDER, WOO_ORDER | {"id": 728, "date_created_gmt": at}]
    return {"orders/page.json": json.dumps(made)}


CASES = {
    "orders of a page": (
        *("woocommerce", "order_lines", page("soon"), page("2026-03-01T10:00:00")),
        {'"soon"': '"2026-03-01T10:00:00"'},
    ),
    "objects in envelopes": ("shopify", "order_lines", orders(1, "x"), orders(1, 3), {'"x"': "3"}),
    "rows of an exported order": ("shopify", "order_lines", export("x"), export("1"), {",x,Cap": ",1,Cap"}),
    "records of several files": (
        *("marketplace", "order_lines", parts("x", "nope"), parts("6.00", "2026-03-01T12:00:00")),
        {",x": ",6.00", "nope": "2026-03-01T12:00:00"},
    ),
    "a table that is replaced": (
        *("retailrocket", "categories", {"category_tree.csv": "categoryid,parentid\n1,\n2,x"}),
        *({"category_tree.csv": "categoryid,parentid\n1,\n2,1"}, {"2,x": "2,1"}),
    ),
    "a file of two tables": ("segment", "events", messages("x"), messages(2), {'"x"': "2"}),
}


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Lakes of these files, by their name."""
    monkeypatch.setitem(KINDS, "marketplace", recipe("marketplace"))

    def made(name, kind, table, files):
        for file, text in files.items():
            path = tmp_path / name / "landing" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        lake = lake_at(
            tmp_path / name / "lake", tmp_path / name / "landing", kind, tables=(table, "order_lines", "customers")
        )
        lake.run()
        return lake

    return made


def answers(lake):
    tables = [table for table in lake.catalog.ordered if table.layer != "bronze"]
    return {table.name: rows(Path(lake.settings.lake), table.path, WHEN) for table in tables}


def still_open(lake):
    tables = [table for table in lake.catalog.ordered if table.quarantine is not None]
    return {table.name: found for table in tables if (found := lake.select_quarantined(table.qualified_name))}


def corrections_of(lake, table, texts):
    """The corrections of all records of a table: each of these texts by another one."""
    found = {}
    for record in lake.select_quarantined(f"silver.{table}"):
        found[record["record_id"]] = record["raw"]
        for old, new in texts.items():
            found[record["record_id"]] = found[record["record_id"]].replace(old, new)
    return FixFile.of(found)


def fix(lake, corrections):
    by_table = lake.tables_of_fix(corrections)
    with lake.quarantine_life_cycle() as cycle:
        return cycle.fix(corrections, by_table, "ticket 41")


SLOW = ("objects in envelopes", "rows of an exported order", "orders of a page")


@pytest.mark.parametrize("case", [pytest.param(each, marks=[pytest.mark.slow] * (each in SLOW)) for each in CASES])
def test_a_fix_is_a_lake_that_only_ever_saw_the_corrected_file(shop, case):
    kind, table, bad, good, texts = CASES[case]
    lake = shop("fixed", kind, table, bad)
    before = lake.select_quarantined(f"silver.{table}")

    corrections = corrections_of(lake, table, texts)
    foreseen = lake.preview_fix(corrections, lake.tables_of_fix(corrections))[f"silver.{table}"]

    result = fix(lake, corrections)
    assert (foreseen.passed, foreseen.still_bad) == (result.passed, {})
    assert (len(before), result.passed, still_open(lake)) == (result.records, len(before), {})
    shown = lake.select_quarantined(f"silver.{table}", RecordFilter(state=None))
    assert shown == [each | {"state": "fixed"} for each in before]
    assert answers(lake) == answers(shop("corrected", kind, table, good))


def test_a_fix_that_is_sent_twice_and_a_rebuild_change_nothing(shop):
    kind, table, bad, _, texts = CASES["records of several files"]
    lake = shop("fixed", kind, table, bad)
    corrections = corrections_of(lake, table, texts)
    fix(lake, corrections)
    before = answers(lake)

    fix(lake, corrections)
    assert answers(lake) == before
    lake.run(full_refresh=True)
    assert (answers(lake), [*lake.verify()]) == (before, [])


def test_a_discarded_record_of_two_tables_is_in_neither(shop):
    lake = shop("discarded", "segment", "events", messages("x"))

    with lake.quarantine_life_cycle() as cycle:
        cycle.discard(lake.with_quarantine("silver.events"), RecordFilter(), "test order")
    assert answers(lake)["events"] == answers(lake)["order_lines"] == []


def test_half_of_an_export_is_fixed_and_the_other_half_stays_open(shop):
    lake = shop("half", "marketplace", "order_lines", parts("x", "nope"))

    result = fix(lake, corrections_of(lake, "order_lines", {",x": ",6.00"}))
    assert (result.records, result.passed, len(still_open(lake)["order_lines"])) == (1, 1, 1)
