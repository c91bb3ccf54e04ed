import re

from shoplake import tables
from shoplake.declare.catalog import Catalog

CATALOG = Catalog.from_package(tables)


def test_each_table_with_metrics_has_a_metric_view_that_is_made(statements):
    written = statements("metric_views")
    made = [each for each in written if each.startswith("SET VAR")]

    declared = {table.name for table in CATALOG.ordered if table.metrics is not None}
    assert {re.search(r"VIEW (\w+)_metrics WITH METRICS", each)[1] for each in made} == declared
    assert [each == "EXECUTE IMMEDIATE statement" for each in written].count(True) == len(made)


def test_a_metric_view_reads_its_table_in_the_schema_of_the_target(statements):
    [sessions] = [each for each in statements("metric_views") if "VIEW sessions_metrics" in each]

    assert '"{schema}.sessions"' in sessions and sessions.endswith("$$', '{schema}', :catalog || '.' || :silver)")
