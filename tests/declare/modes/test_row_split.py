import pytest
from sample_tables import daily

from shoplake.declare import Replace, RowSplit
from shoplake.errors import DeclarationError


def test_a_table_is_split_by_a_column_of_its_key():
    with pytest.raises(
        DeclarationError, match=r"is split by 'total', which is not in its key\. Split it by one of feed, day"
    ):
        Replace(split=RowSplit("total", 1)).validate(daily)
