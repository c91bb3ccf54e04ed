import pytest

from shoplake.engine.schema import check_schema
from shoplake.errors import SchemaMismatch

from .toys import prices, totals


def test_columns_that_travel_with_a_row_are_not_counted(spark):
    check_schema(totals, spark.sql("SELECT 'shop' AS feed, 1L AS pieces, 1 AS _record"))


def test_a_history_is_checked_by_the_columns_of_its_changes(spark):
    with pytest.raises(SchemaMismatch, match="changed_at is missing"):
        check_schema(prices, spark.sql("SELECT 'shop' AS feed, 'a' AS thing"))
