from dataclasses import replace

import pytest
from sample_documents import receipts
from sample_tables import daily, marks, totals

from shoplake.declare import expect
from shoplake.operations.definitions.changes import ChangeAction, compare
from shoplake.operations.definitions.definition import declared_definition
from shoplake.tables.silver.customers import customers
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.products import products

OLD = replace(
    declared_definition(marks, {}), plan_hash={"shop": "p1"}, source={"m.f": "1"}, versions={"sail": "1"}, code_hash="c"
)
EVENT_RULES = (*events.rules, expect("n_small", "quantity < 9"))


def test_equal_definitions_are_no_change():
    assert compare(marks, OLD, OLD) is None


@pytest.mark.parametrize(
    ("change", "action", "reason"),
    [
        ({"plan_hash": {"shop": "p2"}, "source": {"m.f": "2"}}, ChangeAction.REBUILD, "plan changed (m.f)"),
        ({"source": {"m.f": "2"}}, ChangeAction.NOTHING, "refactored (m.f), same plan"),
        ({"plan_hash": {"shop": "p1", "new": "p"}}, ChangeAction.NOTHING, "feed new added"),
        ({"plan_hash": {}}, ChangeAction.REBUILD, "feed shop removed"),
        ({"versions": {"sail": "2"}}, ChangeAction.REBUILD, "sail 1 → 2"),
        ({"versions": {"spark": "4"}}, ChangeAction.NOTHING, "versions: spark 4"),
        ({"code_hash": "d"}, ChangeAction.REBUILD, "code that runs inside the engine changed"),
        ({"doc": "One row."}, ChangeAction.COMMENT, "documentation changed"),
        ({"key": ("feed",)}, ChangeAction.REBUILD, "key changed"),
        ({"write": "Replace()"}, ChangeAction.REBUILD, "write mode changed"),
    ],
)
def test_a_difference_means_one_action_for_one_reason(change, action, reason):
    found = compare(marks, OLD, replace(OLD, **change))

    assert (found.action, found.reasons) == (action, (reason,))


@pytest.mark.parametrize("table", [events, products, customers, order_lines], ids=lambda table: table.name)
def test_a_lake_from_before_attributes_gets_them_as_a_column(table):
    columns, changes = (
        tuple(each for each in given if each.name != "attributes") for given in (table.columns, table.change_columns)
    )
    before = declared_definition(replace(table, columns=columns, change_columns=changes), {})

    found = compare(table, before, declared_definition(table, {}))

    assert found.action is ChangeAction.REBUILD
    assert "column attributes added" in found.reasons


def test_the_heaviest_of_several_actions_counts_and_all_reasons_are_named():
    found = compare(marks, OLD, replace(OLD, doc="One row.", key=("feed",)))

    assert found.action is ChangeAction.REBUILD and found.reasons == ("key changed", "documentation changed")


def with_rule(condition, action="quarantine"):
    return replace(OLD, rules=OLD.rules | {"r": (condition, action)})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("n > 0", "n > 0 OR n = -1"),
        ("n > 0 AND n < 9", "(n > 0 AND n < 9) OR n IS NULL"),
        ("c IN ('a', 'b')", "c IN ('b', 'c', 'a')"),
    ],
)
def test_a_condition_with_an_alternative_is_looser_and_its_records_are_replayed(before, after):
    found = compare(marks, with_rule(before), with_rule(after))

    assert (found.action, found.rules) == (ChangeAction.REPLAY, ("r",))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("n > 0", "n > 1"),
        ("n > 0 AND n < 9", "n > 0 AND n < 9 OR n IS NULL"),
        ("NOT n > 0", "NOT n > 0 OR n IS NULL"),
        ("c IN ('a', 'b')", "c IN ('b', 'c')"),
        ("c IN ('a', 'b')", "d IN ('a', 'b', 'c')"),
    ],
)
def test_a_condition_that_is_not_surely_looser_evaluates_all_records(before, after):
    assert compare(marks, with_rule(before), with_rule(after)).action is ChangeAction.REEVALUATE


def test_a_list_of_values_that_stays_is_not_named_beside_a_rule_that_changes():
    old, new = (declared_definition(replace(events, rules=rules), {}) for rules in (EVENT_RULES[:-1], EVENT_RULES))

    found = compare(events, old, new)

    assert found.reasons == ("rule n_small tightened",)


@pytest.mark.parametrize(("before", "after"), [("n > 0", "n > 1"), ("n > 0", "n > 0 OR n = 0")])
def test_a_rule_of_documents_that_changes_rebuilds_them(before, after):
    old, new = (declared_definition(replace(receipts, rules=(expect("n", rule),)), {}) for rule in (before, after))

    assert compare(receipts, old, new).action is ChangeAction.REBUILD


def test_a_warning_that_changes_moves_no_row():
    assert compare(marks, with_rule("n > 0", "warn"), with_rule("n > 1", "warn")).action is ChangeAction.NOTHING


def test_rules_of_a_table_that_keeps_no_records_move_no_row():
    old = declared_definition(totals, {})

    found = compare(totals, replace(old, rules={}), replace(old, rules={"r": ("n > 0", "quarantine")}))

    assert found.action is ChangeAction.NOTHING


def test_a_column_with_a_former_name_is_renamed_and_not_dropped():
    table = replace(daily, columns=(*daily.columns[:-1], replace(daily.columns[-1], name="known", was="things")))

    found = compare(table, declared_definition(daily, {}), declared_definition(table, {}))

    assert (found.action, found.reasons) == (ChangeAction.REBUILD, ("column things renamed to known",))


def test_a_setting_of_a_feed_is_the_reason_where_its_plan_differs():
    london, paris = ({"shop": {"timezone": zone, "currency": "GBP"}} for zone in ("Europe/London", "Europe/Paris"))

    found = compare(marks, replace(OLD, settings=london), replace(OLD, settings=paris, plan_hash={"shop": "p2"}))

    assert found.reasons == ("time zone of feed shop: Europe/London → Europe/Paris",)
