from functools import partial

import pytest
from fakes import FakeTables

from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.engine.protocol import ViolationSample, WriteResult
from shoplake.quality.quarantine_warnings import find_warnings
from shoplake.tables.bronze.events_raw import events_raw

CATALOG = Catalog.from_package(tables)
sampled = partial(ViolationSample, "shop", "b1", "a.json", 7)


def warned(result, *others, reader=None, table="silver.events"):
    return find_warnings(reader or FakeTables(), CATALOG, [(table, each) for each in (result, *others)])


def examples(rule, *samples, **given):
    [warning] = warned(WriteResult(10, 0, 10, violations={rule: 10}, samples={rule: samples}), **given)
    return warning.examples


@pytest.mark.parametrize(("quarantined", "warnings"), [(0, 0), (5, 0), (6, 1)])
def test_more_than_5_percent_quarantined_is_a_warning(quarantined, warnings):
    result = WriteResult(100, 100 - quarantined, quarantined, violations={"price_fits_type": quarantined})
    assert len(warned(result)) == warnings


def test_the_share_is_of_all_writes_of_the_run():
    assert warned(WriteResult(10, 0, 10, violations={"r": 10}), WriteResult(190, 190)) == []
    [warning] = warned(WriteResult(10, 0, 10, violations={"r": 10}), WriteResult(189, 189))
    assert (warning.table, warning.rows_quarantined, warning.rows_read) == ("silver.events", 10, 199)


def test_the_most_violated_rule_is_named():
    samples = {name: (sampled("{}", {}),) for name in ("often", "rarely")}
    [warning] = warned(WriteResult(10, 0, 10, violations={"rarely": 2, "often": 9}, samples=samples))
    assert (warning.rule, warning.rows_violating) == ("often", 9)


def test_three_different_values_are_examples_of_a_type_error():
    samples = [sampled(f'{{"lines": [{{"price": 1}}, {{"price": "{text}"}}]}}', {}) for text in "aabcd"]
    assert examples("price_fits_type", *samples) == ('"a"', '"b"', '"c"')


@pytest.mark.parametrize(
    ("raw", "shown"),
    [('1,"n/a, or so"', '"n/a, or so"'), ("1;n/a", '"n/a"'), ("1;2;n/a", "a.json:7"), ("1,a\n2,b", "a.json:7")],
)
def test_the_example_of_a_csv_record_is_its_cell(some, raw, shown):
    header = {"feed": "shop", "batch_id": "b1", "file": "a.json", "header": "id,price"}
    reader = FakeTables(events_raw=some(events_raw, header))
    assert examples("price_fits_type", sampled(raw, {}), reader=reader) == (shown,)


def test_the_example_of_another_rule_is_the_value_of_its_column():
    assert examples("quantity_positive", sampled("{}", {"quantity": "-1"})) == ('"-1"',)
    assert examples("event_id_present", sampled("{}", {"event_id": None})) == ("null",)


def test_a_record_that_cannot_be_read_is_named_by_its_place():
    assert examples("is_json_object", sampled('{"email": "a@b.c"', {})) == ("a.json:7",)


def test_of_a_personal_value_only_the_form_is_shown():
    sample = sampled('{"email": "ada99@shop"}', {"email": "ada99@shop"})
    assert examples("email_is_email", sample, table="silver.customers") == ('"xxx99@xxxx"',)


def test_a_long_value_is_shortened():
    [example] = examples("quantity_positive", sampled("{}", {"quantity": "9" * 500}))
    assert len(example) == 43
