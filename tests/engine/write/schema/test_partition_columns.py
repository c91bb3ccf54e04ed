from dataclasses import replace

import pytest
from sample_tables import daily, marks

from shoplake.declare import Replace, col
from shoplake.engine.write.schema.partition_columns import date_range_columns, is_list_of_days, shared_partition


def test_an_input_with_the_partition_column_shares_the_partitions():
    assert date_range_columns(daily, marks) == ("day", "day")
    assert shared_partition(daily, marks) == "day"


def test_a_column_that_does_not_partition_the_input_is_not_shared():
    assert shared_partition(daily, replace(marks, partition_by=())) is None


def test_an_input_without_the_column_is_read_whole():
    other = replace(daily, write=Replace(partition_by="day", input_partitions={"marks": "month"}))

    assert date_range_columns(other, marks) is None


@pytest.mark.parametrize("by", ["who", "at"])
def test_an_input_with_the_column_as_text_or_time_is_read_whole_even_if_it_partitions_it(by):
    other = replace(daily, columns=marks.columns, write=Replace(partition_by=by))

    assert date_range_columns(other, marks) is None
    assert date_range_columns(other, replace(marks, partition_by=(by,))) is None


def test_a_column_of_an_array_of_dates_lists_the_days():
    listing = replace(marks, columns=(*marks.columns, col("days", "array<date>", "Days")))

    assert is_list_of_days(listing, "days")
    assert not is_list_of_days(listing, "day")
    assert not is_list_of_days(marks, "days")
