import pytest

from shoplake.errors import QueryNotAllowedError, UnknownTableError
from shoplake.serve.api.tables.sql_guard import check_query

TABLES = ("gold.sales_daily", "gold.customer_360")
ALLOWED = [
    "SELECT sum(net_sales) FROM gold.sales_daily",
    "SELECT * FROM gold.sales_daily s JOIN gold.customer_360 c USING (feed)",
    "WITH days AS (SELECT * FROM gold.sales_daily) SELECT count(*) FROM days",
    "SELECT date_trunc('week', sales_date), median(net_sales) FROM gold.sales_daily GROUP BY ALL",
    "SELECT * FROM range(3)",
    "SELECT 1 UNION ALL SELECT 2",
    "SELECT row_number() OVER (ORDER BY sales_date) FROM gold.sales_daily",
    "SELECT strftime(sales_date, '%Y'), regexp_extract(note, 'a') FROM gold.sales_daily",
]
REFUSED = [
    "DROP TABLE gold.sales_daily",
    "DELETE FROM gold.sales_daily",
    "INSERT INTO gold.sales_daily SELECT 1",
    "CREATE TEMP TABLE x AS SELECT 1",
    "PRAGMA database_list",
    "SET memory_limit = '1GB'",
    "ATTACH '/etc/passwd'",
    "COPY gold.sales_daily TO '/tmp/x'",
    "INSTALL httpfs",
    "SELECT 1; SELECT 2",
    "SELECT * FROM duckdb_databases()",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM pragma_database_list()",
    "SELECT current_setting('memory_limit')",
    "SELECT getenv('HOME')",
    "SELECT version()",
    "SELECT current_database()",
    "SELECT repeat('x', 1000000000)",
    "SELECT no_such_function(1)",
    "SELECT $1",
    "SELECT ?",
    "EXPLAIN SELECT 1",
    "DESCRIBE gold.sales_daily",
    "VALUES",
    "SELECT (",
    "",
    "SELECT " + "(" * 3000 + "1",
    "SELECT '" + "x" * 20_000 + "'",
]
UNKNOWN = [
    "SELECT * FROM gold.sales_daly",
    "SELECT * FROM sales_daily",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM file_0.main.rows",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM duckdb_settings",
    "SELECT * FROM (WITH sqlite_master AS (SELECT 1) SELECT 1), sqlite_master",
    "SELECT * FROM pg_catalog.pg_settings",
]


@pytest.mark.parametrize("query", ALLOWED)
def test_a_query_that_only_computes_is_allowed(query):
    assert check_query(query, TABLES).sql


@pytest.mark.parametrize("query", REFUSED)
def test_all_else_is_refused(query):
    with pytest.raises(QueryNotAllowedError):
        check_query(query, TABLES)


@pytest.mark.parametrize("query", UNKNOWN)
def test_only_tables_of_the_store_are_read(query):
    with pytest.raises(UnknownTableError):
        check_query(query, TABLES)


def test_the_tables_that_a_query_reads_are_named():
    query = "SELECT (SELECT count(*) FROM gold.customer_360) FROM GOLD.Sales_Daily"

    assert check_query(query, TABLES).tables == set(TABLES)
