import asyncio
import json
import threading

import duckdb
import pytest

from shoplake.errors import UnknownTableError
from shoplake.serve.store.builder import build_store
from shoplake.serve.store.open_generation import OpenGeneration, QueryTimeoutError
from shoplake.serve.store.served_tables import served_tables
from tests.serve.small_lake import SmallLake, customer, sale

EXITS = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/*')",
    "COPY (SELECT 1) TO '/tmp/out.csv'",
    "ATTACH '/tmp/other.duckdb'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '10GB'",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "EXPORT DATABASE '/tmp/x'",
    "CREATE TABLE file_0.main.planted (i INT)",
    "UPDATE file_0.main.rows SET feed = 'x'",
]

HEAVY = "SELECT count(*) FROM range(1000000000) a, range(1000) b WHERE a.range + b.range = 1"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    lake = SmallLake(tmp_path_factory.mktemp("lake"))
    lake.run(sales=[sale(1, "10.00"), sale(2, "20.00")], customers=[customer("C1")])
    pointer, folder = build_store(lake).pointer, lake.settings.serve.store_folder(lake.settings.lake)

    def open_(with_personal=False, timeout_s=10.0):
        tables = served_tables(lake.catalog.ordered)
        return OpenGeneration(folder, pointer, tables, with_personal=with_personal, timeout_s=timeout_s)

    return open_


def document(generation, table, key):
    async def find():
        return await generation.document(table, key)

    return asyncio.run(find())


@pytest.fixture(scope="module")
def public(opened):
    return opened()


@pytest.fixture(scope="module")
def personal(opened):
    return opened(with_personal=True)


def test_rows_are_queried_with_bound_values(public):
    rows = public.query("SELECT net_sales FROM gold.sales_daily WHERE sales_date = CAST(? AS DATE)", ["2026-03-02"])

    assert [str(row["net_sales"]) for row in rows.to_pylist()] == ["20.00"]


def test_rows_are_streamed_in_batches(public):
    assert sum(batch.num_rows for batch in public.stream("SELECT * FROM range(25000)")) == 25_000


def test_versions_and_tables_are_those_of_the_run(public):
    assert public.versions["gold.sales_daily"] == 0
    assert "gold.customer_360" in public.tables


def test_personal_columns_are_not_even_attached(public, personal):
    assert personal.query("SELECT email FROM gold.customer_360").num_rows == 1
    with pytest.raises(duckdb.BinderException):
        public.query("SELECT email FROM gold.customer_360")
    files = public.query("SELECT path FROM duckdb_databases()").to_pylist()
    assert [row["path"] for row in files if "personal" in (row["path"] or "")] == []


def test_documents_with_personal_columns_are_hidden(public, personal):
    assert json.loads(document(personal, "gold.customer_360", ("shop", "C1")))["email"] == "C1@example.org"
    with pytest.raises(UnknownTableError):
        document(public, "gold.customer_360", ("shop", "C1"))


@pytest.mark.parametrize("statement", EXITS)
def test_a_query_reaches_nothing_but_the_tables(public, statement):
    with pytest.raises(duckdb.Error):
        public.query(statement)


def test_a_long_query_is_ended(opened):
    with pytest.raises(QueryTimeoutError):
        opened(timeout_s=0.1).query(HEAVY)


def test_a_python_variable_is_no_table(public):
    planted = public.query("SELECT 1 AS i")  # noqa: F841

    with pytest.raises(duckdb.CatalogException):
        public.query("SELECT * FROM planted")


def test_a_look_up_does_not_wait_for_a_heavy_query(opened):
    generation = opened(with_personal=True, timeout_s=0.5)
    heavy = threading.Thread(target=pytest.raises, args=(QueryTimeoutError, generation.query, HEAVY))
    heavy.start()
    found = []
    while heavy.is_alive() and len(found) < 200:
        found.append(document(generation, "gold.customer_360", ("shop", "C1")))
    heavy.join()

    assert len(found) > 5 and None not in found


def test_a_table_that_the_lake_lacks_is_empty_for_answers_and_absent_for_users(tmp_path):
    lake = SmallLake(tmp_path)
    lake.run(sales=[sale(1, "10.00")])
    pointer, folder = build_store(lake).pointer, lake.settings.serve.store_folder(lake.settings.lake)

    generation = OpenGeneration(folder, pointer, served_tables(lake.catalog.ordered), with_personal=False)

    assert generation.query("SELECT customer_id, orders FROM gold.customer_360").num_rows == 0
    assert "gold.customer_360" not in {*generation.tables, *generation.versions}
    with pytest.raises(duckdb.BinderException):
        generation.query("SELECT email FROM gold.customer_360")
