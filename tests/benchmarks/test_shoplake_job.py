from benchmarks.shoplake_job import peer_tables, same_work
from shoplake import tables
from shoplake.declare.catalog import Catalog


def test_the_peers_tables_are_those_that_its_sql_writes():
    assert {"silver.events", "silver.sessions", "gold.sales_daily", "gold.customer_segments"} <= peer_tables()


def test_the_work_is_the_peers_tables_and_what_they_are_made_of():
    catalog = Catalog.from_package(tables)

    work = same_work(catalog)

    assert {catalog[name].name for name in peer_tables()} <= set(work)
    assert all(name in work for table in work.values() for name in table.inputs)
    assert "customer_changes_raw" in work
