from datetime import date

import pytest
from sample_tables import CATALOG

from shoplake.engine.state.state_store import Offset
from shoplake.engine.write.table_plan import DateRange, InputRange, PendingFiles, RunPlan, RunSelection, TablePlan
from shoplake.errors import UnknownTableError

FIRST, SECOND, THIRD = DAYS = [f"2026-03-0{n}" for n in (1, 2, 3)]


def selected(select):
    return [table.name for table in RunSelection(select=select).tables(CATALOG)]


def test_without_a_choice_all_tables_are_brought_up_to_date_in_order():
    assert RunSelection().tables(CATALOG) == CATALOG.ordered


@pytest.mark.parametrize("select", ["daily", "gold.daily"])
def test_one_table_can_be_chosen(select):
    assert selected(select) == ["daily"]


@pytest.mark.parametrize(
    ("select", "chosen"),
    [
        ("daily+", {"daily", "totals"}),
        ("silver.marks+", {"marks", "visits", "daily", "totals"}),
        ("totals+", {"totals"}),
        ("prices_raw+", {"prices_raw", "prices", "daily", "totals"}),
    ],
)
def test_with_a_plus_also_all_that_depends_on_it_is_chosen_in_order(select, chosen):
    assert set(selected(select)) == chosen
    assert selected(select) == [table.name for table in CATALOG.ordered if table.name in chosen]


@pytest.mark.parametrize("select", ["dayly", "silver.daily", "dayly+"])
def test_a_table_that_is_not_declared_is_named(select):
    with pytest.raises(UnknownTableError, match=r"^Unknown table '(silver\.daily|dayly)'\. "):
        selected(select)


@pytest.mark.parametrize(
    ("first", "last", "included"),
    [
        (None, None, []),
        (2, None, [SECOND, THIRD]),
        (None, 2, [FIRST, SECOND]),
        (2, 2, [SECOND]),
        (3, 1, []),
    ],
)
def test_dates_include_the_first_and_the_last_day(first, last, included):
    days = [n and date(2026, 3, n) for n in (first, last)]
    dates = RunSelection(False, *days).dates

    assert [day for day in DAYS if dates is not None and dates.includes(day)] == included
    assert (dates is not None) == (first is not None or last is not None)


def test_the_days_before_and_after_a_range_are_adjacent_to_it():
    dates = DateRange(date(2026, 3, 2), date(2026, 3, 2))

    days = ["2026-02-28", *DAYS, "2026-03-04"]
    assert [day for day in days if dates.is_adjacent(day)] == DAYS


def test_a_plan_without_actions_and_files_is_nothing():
    assert RunPlan((), (TablePlan("gold.totals"),)).is_nothing
    assert not RunPlan((), (TablePlan("gold.totals", depends_on=("gold.daily",)),)).is_nothing
    assert not RunPlan((PendingFiles("marks_raw", 1, 2),)).is_nothing


def between(first, last):
    return DateRange(first and date(2026, 3, first), last and date(2026, 3, last))


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ((1, 2), (3, 4), (1, 4)),
        ((3, 4), (1, 2), (1, 4)),
        ((None, 2), (3, 4), (None, 4)),
        ((3, 4), (None, 2), (None, 4)),
        ((1, None), (3, 4), (1, None)),
        ((3, 4), (1, None), (1, None)),
    ],
)
def test_two_ranges_reach_from_the_earlier_start_to_the_later_end(one, other, both):
    assert between(*one) | between(*other) == between(*both)


def test_a_range_has_its_days():
    assert between(1, 3).days() == set(DAYS)


@pytest.mark.parametrize(
    ("dates", "is_empty"),
    [((2, 1), True), ((2, 2), False), ((1, 2), False), ((None, 1), False), ((1, None), False), ((None, None), False)],
)
def test_a_range_that_ends_before_it_starts_is_empty(dates, is_empty):
    assert between(*dates).is_empty == is_empty


@pytest.mark.parametrize(
    ("after", "has_changed"),
    [(Offset("b1", 1, 7), False), (Offset("b2", 1, 7), True), (Offset("b1", 2, 7), True), (Offset("b1", 1, 8), False)],
)
def test_an_input_has_changed_with_its_batch_or_its_version(after, has_changed):
    assert InputRange("marks", Offset("b1", 1, 7), after).has_changed == has_changed


@pytest.mark.parametrize(
    ("selection", "facts"),
    [
        ({}, (True, True, ())),
        ({"full_refresh": True}, (True, True, ("silver", "gold"))),
        ({"full_refresh": True, "layer": "gold"}, (False, False, ("gold",))),
        ({"layer": "bronze"}, (False, True, ())),
        ({"select": "daily"}, (False, False, ())),
    ],
)
def test_a_selection_says_whether_files_are_ingested_and_which_layers_are_built_anew(selection, facts):
    made = RunSelection(**selection)

    assert (made.is_whole, made.ingests, made.rebuilt_layers) == facts


def test_a_layer_has_its_tables():
    assert {table.layer for table in RunSelection(layer="gold").tables(CATALOG)} == {"gold"}
