import pyarrow.parquet as pq
import pytest

from shoplake.errors import TableNotFoundError, UnknownTableError
from shoplake.serve.export.destinations.folder import FolderDestination
from shoplake.serve.export.export import export_tables

from .small_lake import CUSTOMERS, SALES, SmallLake, sale


def test_all_gold_tables_are_exported_by_default(shared, tmp_path):
    result = export_tables(shared, FolderDestination(tmp_path / "out", "parquet"))

    assert [table.name for table in result.manifest.tables] == ["gold.sales_daily", "gold.products"]


def test_tables_of_other_layers_are_exported_by_name_or_layer(shared, tmp_path):
    folder = FolderDestination(tmp_path / "out", "parquet")
    by_name = export_tables(shared, folder, ["customers", "silver.customers"])
    by_layer = export_tables(shared, folder, layers=["silver"])

    assert [table.name for table in by_name.manifest.tables] == ["silver.customers"]
    assert by_layer.manifest.tables[0].columns == by_name.manifest.tables[0].columns
    assert by_name.left_out == {"silver.customers": ("email",)}


def test_rows_are_those_of_the_last_finished_run_while_another_one_writes(lake, tmp_path):
    lake.run({SALES: [sale(9)]}, finishes=False)

    export_tables(lake, FolderDestination(tmp_path / "out", "parquet"), ["sales_daily"])

    days = pq.read_table(tmp_path / "out/gold/sales_daily.parquet").column("sales_date").to_pylist()
    assert [day.day for day in days] == [1, 2]


def test_the_listener_receives_each_table_with_its_rows(shared, tmp_path):
    seen = []

    export_tables(shared, FolderDestination(tmp_path / "out", "csv"), listener=seen.append)

    assert [(table.name, table.version, table.row_count) for table in seen] == [
        ("gold.sales_daily", 1, 2),
        ("gold.products", 1, 1),
    ]


def test_an_unknown_table_is_named_with_the_nearest_one(shared, tmp_path):
    with pytest.raises(UnknownTableError, match=r"Did you mean 'gold.sales_daily'"):
        export_tables(shared, FolderDestination(tmp_path / "out", "csv"), ["gold.sale_daily"])


def test_a_table_that_no_run_has_written_leaves_the_destination_alone(tmp_path):
    lake = SmallLake(tmp_path / "lake")
    lake.run({SALES: [sale(1)]})

    with pytest.raises(TableNotFoundError, match=r"silver\.customers"):
        export_tables(lake, FolderDestination(tmp_path / "out", "csv"), [CUSTOMERS.qualified_name])
    assert not (tmp_path / "out").exists()


def test_an_export_that_fails_leaves_the_one_before_it(lake, tmp_path):
    folder = FolderDestination(tmp_path / "out", "parquet")
    export_tables(lake, folder)
    for path in lake.folder.glob("gold/products/*.parquet"):
        path.unlink()

    with pytest.raises(Exception, match="shoplake run"):
        export_tables(lake, folder)

    assert pq.read_table(tmp_path / "out/gold/products.parquet").num_rows == 1
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
