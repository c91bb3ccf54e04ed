import pytest
from fakes import FakeTables
from sample_tables import totals

from shoplake.engine.query.lake_query import run_query
from shoplake.errors import QueryError


@pytest.fixture
def tables(spark, some):
    return FakeTables(spark, totals=some(totals, {"feed": "shop", "pieces": 3}))


def test_a_query_names_tables_by_layer_and_is_answered_from_where_they_are(tables):
    rows = run_query(tables, "SELECT gold.totals.pieces AS n FROM gold.totals", {"gold.totals": totals})

    assert rows.to_arrow().to_pylist() == [{"n": 3}]


def test_a_mistyped_column_is_found_before_any_row_is_read(tables):
    with pytest.raises(QueryError, match=r"Unknown column 'peices'\. Did you mean 'pieces'\?"):
        run_query(tables, "SELECT peices FROM gold.totals", {"gold.totals": totals})
