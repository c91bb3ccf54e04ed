"""Tables are made and changed in a catalog by SQL."""

from dataclasses import replace

import pytest
from sample_tables import totals

from shoplake.declare import col
from shoplake.engine.storage.catalog.catalog_log import CHANGE_FEED, CatalogLog
from shoplake.engine.write.schema.schema_change import add_columns, schema_difference, stored_columns, update_comments
from shoplake.errors import IncompatibleLakeError

MORE = replace(totals, columns=(*totals.columns, col("baskets", "bigint", "Ada's baskets")))


@pytest.fixture
def at(catalog_engine):
    """The address of a table that is made twice."""
    catalog_engine.create_if_missing(totals)
    catalog_engine.create_if_missing(totals)
    return catalog_engine.path(totals)


def test_a_table_has_its_declared_columns_with_comments_and_a_change_feed(at):
    assert [(column.name, column.type, column.meaning) for column in totals.columns] == CatalogLog(at).columns()
    assert CatalogLog(at).properties()[CHANGE_FEED] == "true"
    assert not schema_difference(totals, at).needs_overwrite


def test_a_column_that_is_declared_later_is_missing_until_it_is_added(catalog_engine, at):
    with pytest.raises(IncompatibleLakeError, match=r"gold\.totals lacks baskets"):
        catalog_engine.create_if_missing(MORE)
    add_columns(MORE, at)
    update_comments(MORE, at)

    assert stored_columns(MORE, at)[-1] == ("baskets", "bigint", "Ada's baskets")
