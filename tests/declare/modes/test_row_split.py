import pytest
from sample_tables import daily

from shoplake.declare import Replace, RowSplit
from shoplake.errors import DeclarationError


def test_a_table_is_split_by_a_column_of_its_key():
    with pytest.raises(
        DeclarationError, match=r"is split by 'total', which is not in its key\. Split it by one of feed, day"
    ):
        Replace(split=RowSplit("total", 1)).validate(daily)


def test_a_table_is_split_by_the_rows_of_inputs_that_it_reads():
    with pytest.raises(DeclarationError, match="is split by the rows of 'orders', which it does not read"):
        Replace(split=RowSplit("day", 1, of=("orders",))).validate(daily)
