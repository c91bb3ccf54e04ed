from calendar import monthrange
from dataclasses import replace

import pytest
from sample_tables import daily

from shoplake.declare import RebuildKeys, Replace
from shoplake.errors import DeclarationError


def test_partitions_are_compared_by_a_column_that_is_named():
    with pytest.raises(DeclarationError, match=r"gold\.daily compares partitions and names none\. Declare Replace"):
        Replace(compare_partitions=True).validate(daily)


def test_a_compared_table_reads_its_inputs_whole():
    mode = Replace(partition_by="day", compare_partitions=True)

    assert mode.input_range(daily, "marks") is None
    assert mode.describe() == "Computes all rows and rewrites the partitions by `day` that differ."


def test_by_month_a_day_matters_to_the_first_day_of_its_month():
    assert Replace("month", by_month=True).partition_of("2026-02-28") == "2026-02-01"
    assert Replace("day").partition_of("2026-02-28") == "2026-02-28"


@pytest.mark.parametrize("month", ["2024-02", "2026-02", "2026-04", "2026-12"])
def test_a_month_is_made_of_all_of_its_days_and_of_no_other(month):
    days = Replace("month", by_month=True).days_of({f"{month}-01"})

    year, number = map(int, month.split("-"))
    assert days == [f"{month}-{day:02}" for day in range(1, monthrange(year, number)[1] + 1)]


def test_days_are_made_of_themselves_in_ascending_order():
    assert Replace("day").days_of({"2026-03-02", "2026-03-01"}) == ["2026-03-01", "2026-03-02"]


@pytest.mark.parametrize(
    "others",
    [
        {"partition_by": None},
        {"compare_partitions": True},
        {"one_to_one_with": "marks"},
        {"rebuild_keys": RebuildKeys(("feed",), {"marks": ("feed",)})},
    ],
)
def test_what_is_replaced_by_month_is_replaced_by_its_partitions_alone(others):
    with pytest.raises(DeclarationError, match=r"gold\.daily is replaced by month\. Declare Replace\(partition_by=…"):
        replace(Replace("day", by_month=True), **others).validate(daily)


def test_a_table_by_month_says_so():
    mode = Replace("month", by_month=True)

    assert mode.describe() == "Rewrites the months by `month` that change, or the whole table."
