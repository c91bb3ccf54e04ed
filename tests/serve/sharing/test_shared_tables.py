from dataclasses import replace
from types import SimpleNamespace

import pytest
from deltalake import DeltaTable

from shoplake.errors import UnknownTableError
from shoplake.serve.sharing.shared_tables import NotShareableError, SharedTables

from ..export.small_lake import CUSTOMERS, SALES, SmallLake, sale

GENERATION = SimpleNamespace(versions={"gold.sales_daily": 1, "silver.customers": 1})


def small_lake(folder, *tables):
    lake = SmallLake(folder / "lake", tables or (SALES, CUSTOMERS))
    lake.run({SALES: [sale(1)], CUSTOMERS: [{"customer_id": "C1", "email": "ann@example.org"}]})
    return lake


def test_a_table_with_personal_columns_is_there_only_for_who_may_see_them(tmp_path):
    tables = SharedTables(small_lake(tmp_path))

    assert tables.names(GENERATION, with_personal=False) == ["gold.sales_daily"]
    assert tables.names(GENERATION, with_personal=True) == ["gold.sales_daily", "silver.customers"]
    with pytest.raises(UnknownTableError):
        tables.read(GENERATION, "silver.customers", with_personal=False)


def test_files_are_those_of_the_last_finished_run(tmp_path):
    lake = small_lake(tmp_path)
    [first] = [file.path for file in SharedTables(lake).version("gold.sales_daily", 1).files]
    lake.run({SALES: [sale(2), sale(3)]}, finishes=False)

    shared = SharedTables(lake).read(GENERATION, "gold.sales_daily", with_personal=False)

    assert [(file.path, file.rows) for file in shared.files] == [(first, 1)]
    assert (lake.folder / "gold/sales_daily" / first).stat().st_size == shared.files[0].size


def test_a_table_that_is_not_in_the_generation_is_not_shared(tmp_path):
    generation = SimpleNamespace(versions={"silver.customers": 1})

    assert SharedTables(small_lake(tmp_path)).names(generation, with_personal=False) == []


def test_stored_columns_that_are_not_declared_are_not_handed_out(tmp_path):
    lake = small_lake(tmp_path)
    lake.catalog.ordered = [replace(CUSTOMERS, columns=CUSTOMERS.columns[:1])]

    with pytest.raises(NotShareableError, match=r"not declared \(email\)"):
        SharedTables(lake).read(GENERATION, "silver.customers", with_personal=False)


def test_a_table_with_features_that_files_alone_do_not_have_is_not_shared(tmp_path, monkeypatch):
    protocol = type("Protocol", (), {"min_reader_version": 3})
    monkeypatch.setattr(DeltaTable, "protocol", lambda _: protocol)

    with pytest.raises(NotShareableError, match="features of Delta"):
        SharedTables(small_lake(tmp_path)).version("gold.sales_daily", 1)
