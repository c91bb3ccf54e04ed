from datetime import date

import pytest
from sample_tables import CATALOG

from shoplake.engine.write.table_plan import DateRange, RunPlan, RunSelection, TablePlan
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
