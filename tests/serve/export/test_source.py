import pytest
from deltalake import DeltaTable

from shoplake.errors import TableNotFoundError
from shoplake.serve.errors import ExportError
from shoplake.serve.export.source import last_finished_run, load_version
from shoplake.serve.export.table_rows import open_rows

from .small_lake import SALES, SmallLake, sale


def test_a_run_in_progress_is_no_finished_run(lake):
    lake.run({SALES: [sale(3)]}, finishes=False)

    assert last_finished_run(lake).versions["gold.sales_daily"] == 1


def test_without_a_finished_run_the_error_says_how_to_run(tmp_path):
    with pytest.raises(TableNotFoundError, match="shoplake run"):
        last_finished_run(SmallLake(tmp_path / "lake"))


def test_an_older_version_is_loaded_though_the_table_was_written_since(lake):
    lake.run({SALES: [sale(3)]}, finishes=False)

    assert load_version(lake, SALES, 1).version() == 1


def test_after_maintenance_alone_the_newest_version_is_loaded(lake):
    table = DeltaTable(lake.path("gold.sales_daily"))
    table.optimize.compact()
    table.optimize.z_order(["orders"])

    assert load_version(lake, SALES, 1).version() == table.version() > 1


def test_a_version_whose_files_are_deleted_says_to_run_again(lake):
    for path in lake.folder.glob("gold/sales_daily/*.parquet"):
        path.unlink()
    rows = open_rows(lake, last_finished_run(lake), SALES, with_personal=False)

    with pytest.raises(ExportError, match=r"version 1 of gold\.sales_daily.*shoplake run"):
        list(rows.read())
