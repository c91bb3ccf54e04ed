import duckdb
import pytest

from shoplake.serve.errors import ExportError
from shoplake.serve.export.destinations.duckdb_file import DuckdbDestination
from shoplake.serve.export.export import export_tables

STORAGE_VERSION = 64
"""The number in the header of files that DuckDB 1.0 reads."""


@pytest.fixture(scope="module")
def file(shared, tmp_path_factory):
    path = tmp_path_factory.mktemp("duckdb") / "new folder" / "it's.duckdb"
    export_tables(shared, DuckdbDestination(path))
    return path


def query(file, sql):
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_tables_have_the_names_and_types_of_the_lake(file):
    assert query(file, "SELECT sum(net_sales), sum(orders) FROM gold.sales_daily") == [(pytest.approx(10.5), 4)]
    assert query(file, "SELECT typeof(net_sales), typeof(updated_at) FROM gold.sales_daily LIMIT 1") == [
        ("DECIMAL(18,2)", "TIMESTAMP WITH TIME ZONE")
    ]
    assert query(file, "SELECT attributes['k'], tags FROM gold.products") == [("v", ["a", "b"])]


def test_definitions_are_comments_and_versions_a_table(file):
    columns = "SELECT comment FROM duckdb_columns() WHERE table_name = 'sales_daily' AND column_name = 'net_sales'"

    assert query(file, columns) == [("Sales less returns (currency)",)]
    assert query(file, "SELECT comment FROM duckdb_tables() WHERE table_name = 'products'")[0][0].startswith("One row")
    assert query(file, "SELECT table_name, version FROM _shoplake") == [("gold.sales_daily", 1), ("gold.products", 1)]


def test_the_file_has_the_storage_format_of_duckdb_1_0(file):
    header = file.read_bytes()[:20]

    assert header[8:12] == b"DUCK" and int.from_bytes(header[12:20], "little") == STORAGE_VERSION


def test_a_reader_keeps_the_file_that_it_has_open(lake, tmp_path):
    path = tmp_path / "shop.duckdb"
    export_tables(lake, DuckdbDestination(path))
    with duckdb.connect(str(path), read_only=True) as reader:
        export_tables(lake, DuckdbDestination(path), ["gold.products"])
        assert reader.execute("SELECT count(*) FROM gold.sales_daily").fetchall() == [(2,)]

    assert query(path, "SELECT table_name FROM _shoplake") == [("gold.products",)]


@pytest.mark.parametrize("make", [lambda path: path.write_text("mine"), lambda path: duckdb.connect(str(path)).close()])
def test_a_file_that_no_export_wrote_is_left_alone(shared, tmp_path, make):
    path = tmp_path / "shop.duckdb"
    make(path)
    before = path.read_bytes()

    with pytest.raises(ExportError, match="no export wrote it"):
        export_tables(shared, DuckdbDestination(path))
    assert path.read_bytes() == before
