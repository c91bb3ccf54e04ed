"""Exports into a real PostgreSQL; skipped where it is not installed."""

from dataclasses import replace

import adbc_driver_postgresql.dbapi as adbc
import pytest

from shoplake.declare import col
from shoplake.serve.errors import ExportError
from shoplake.serve.export.destinations.connection_url import ConnectionUrl
from shoplake.serve.export.destinations.postgres import PostgresDestination
from shoplake.serve.export.export import export_tables

from ..small_lake import PRODUCTS, SALES, SmallLake, product, sale
from .postgres_server import ESCAPED, PASSWORD, postgres_server

DATA_SCHEMAS = r"SELECT count(*) FROM pg_namespace WHERE nspname LIKE '\_shoplake\_data\_%'"


@pytest.fixture(scope="module")
def server():
    with postgres_server() as url:
        yield url


@pytest.fixture
def url(server):
    """The database, emptied."""
    schemas = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
    execute(server, *[f"DROP SCHEMA {name} CASCADE" for (name,) in query(server, schemas)], "CREATE SCHEMA public")
    return server


def execute(url, *statements):
    with adbc.connect(url) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        connection.commit()


def query(url, sql):
    with adbc.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def export(lake, url, *names, **options):
    return export_tables(lake, PostgresDestination(ConnectionUrl(url), **options), names)


def test_rows_types_definitions_and_versions_arrive(shared, url):
    export(shared, url)

    assert query(url, "SELECT net_sales::text, sales_date::text, is_complete FROM gold.sales_daily") == [
        ("10.50", "2026-03-01", True),
        (None, "2026-03-02", True),
    ]
    assert query(url, "SELECT attributes, tags FROM gold.products") == [('{"k": "v"}', '["a", "b"]')]
    assert query(url, "SELECT col_description('gold.sales_daily'::regclass, 3)") == [("Sales less returns (currency)",)]
    assert query(url, "SELECT table_name, version, row_count FROM shoplake._shoplake ORDER BY 1") == [
        ("gold.products", 1, 1),
        ("gold.sales_daily", 1, 2),
    ]


def test_a_users_view_stays_and_reads_the_new_rows_after_the_next_export(lake, url):
    export(lake, url)
    execute(
        url,
        "CREATE SCHEMA reports",
        "CREATE VIEW reports.total AS SELECT sum(orders)::bigint AS n FROM gold.sales_daily",
        "CREATE ROLE reader",
        "GRANT SELECT ON gold.sales_daily TO reader",
    )
    lake.run({SALES: [sale(3, orders=50)]})

    export(lake, url)

    assert query(url, "SELECT n FROM reports.total") == [(50,)]
    assert query(url, "SELECT has_table_privilege('reader', 'gold.sales_daily', 'SELECT')") == [(True,)]
    assert query(url, DATA_SCHEMAS) == [(1,)]


def test_a_table_that_a_users_view_reads_directly_is_kept(lake, url):
    export(lake, url)
    [(schema,)] = query(url, DATA_SCHEMAS.replace("count(*)", "nspname"))
    execute(url, f"CREATE VIEW public.direct AS SELECT * FROM {schema}.sales_daily")

    export(lake, url)

    assert query(url, "SELECT count(*) FROM public.direct") == [(2,)]


def test_a_view_of_an_earlier_export_goes_unless_others_read_it(lake, url):
    export(lake, url)
    execute(url, "CREATE VIEW public.names AS SELECT product_name FROM gold.products")

    kept = export(lake, url, "gold.sales_daily")
    execute(url, "DROP VIEW public.names")
    gone = export(lake, url, "gold.sales_daily")

    assert kept.remarks == ("gold.products is kept with its old rows: names read it.",)
    assert gone.remarks == () and query(url, "SELECT to_regclass('gold.products')::text") == [(None,)]


def test_new_columns_at_the_end_keep_users_views_and_other_changes_name_them(lake, url):
    export(lake, url, "gold.products")
    execute(url, "CREATE VIEW public.names AS SELECT product_name FROM gold.products")
    wider = replace(PRODUCTS, columns=(*PRODUCTS.columns, col("size", "string", "Its size")))
    changed = replace(PRODUCTS, columns=PRODUCTS.columns[1:])

    lakes = [SmallLake(lake.folder / name, (table,)) for name, table in (("wider", wider), ("changed", changed))]
    lakes[0].run({wider: [product("Lamp", size="L")]})
    lakes[1].run({changed: [{"product_name": "Vase", "tags": [], "attributes": []}]})

    export(lakes[0], url)
    assert query(url, "SELECT * FROM public.names") == [("Lamp",)]
    with pytest.raises(ExportError, match=r"columns of gold\.products have changed, and names read it\. Drop them"):
        export(lakes[1], url)
    execute(url, "DROP VIEW public.names")
    export(lakes[1], url)
    assert query(url, "SELECT product_name FROM gold.products") == [("Vase",)]


def test_a_table_that_no_export_made_is_left_alone(shared, url):
    execute(url, "CREATE SCHEMA gold", "CREATE TABLE gold.sales_daily AS SELECT 1 AS mine")

    with pytest.raises(ExportError, match=r"gold\.sales_daily exists, and no export made it"):
        export(shared, url)
    assert query(url, "SELECT mine FROM gold.sales_daily") == [(1,)] and query(url, DATA_SCHEMAS) == [(0,)]


def test_a_reader_that_holds_a_view_too_long_leaves_the_old_export(lake, url):
    export(lake, url)
    lake.run({SALES: [sale(3, orders=50)]})
    with adbc.connect(url) as reader, reader.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM gold.sales_daily")
        cursor.fetchall()
        with pytest.raises(ExportError, match="Nothing is replaced"):
            export(lake, url, lock_timeout_s=0.01)

    assert query(url, "SELECT sum(orders)::bigint FROM gold.sales_daily") == [(4,)]


def test_only_one_export_at_a_time_writes_to_a_database(shared, url):
    with (
        PostgresDestination(ConnectionUrl(url)),
        pytest.raises(ExportError, match=r"Another export is writing to postgresql://shop:\*\*\*@"),
    ):
        export(shared, url)


def test_tables_of_an_interrupted_export_are_dropped_by_the_next(shared, url):
    execute(url, "CREATE SCHEMA _shoplake_data_dead", "CREATE TABLE _shoplake_data_dead.sales_daily AS SELECT 1 AS n")

    export(shared, url)

    assert query(url, DATA_SCHEMAS) == [(1,)]


def test_a_wrong_password_is_an_error_that_does_not_show_it(shared, server):
    with pytest.raises(ExportError, match="password authentication failed") as failed:
        export(shared, server.replace(ESCAPED, "canary-wrong"))

    assert "canary-wrong" not in str(failed.value) and PASSWORD not in str(failed.value)
