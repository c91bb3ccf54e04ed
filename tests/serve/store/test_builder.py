import shutil
from pathlib import Path
from unittest.mock import Mock

import duckdb
import pytest

from shoplake.engine import TABLE_RUNS
from shoplake.serve.errors import DamagedStoreError, LakeGoneError, UnopenedStoreError
from shoplake.serve.store import builder
from shoplake.serve.store.builder import NothingToServeError, UnreadableVersionError, build_store
from shoplake.serve.store.connection import SPILL
from shoplake.serve.store.pointer import POINTER
from shoplake.serve.store.reader import StoreReader
from shoplake.serve.store.served_tables import QUARANTINE_REASONS
from tests.serve.small_lake import SALES, SmallLake, customer, sale


def folder_of(lake):
    return lake.settings.serve.store_folder(lake.settings.lake)


def generation_of(lake):
    return StoreReader(folder_of(lake), lake.catalog.ordered).current(with_personal=True)


def test_a_build_has_the_rows_of_the_run(lake):
    result = build_store(lake)

    rows = generation_of(lake).query("SELECT sum(net_sales) AS net FROM gold.sales_daily").to_pylist()
    assert str(rows[0]["net"]) == "30.00"
    assert result.documents == 2
    assert (folder_of(lake) / POINTER).is_file()


def test_the_store_that_earlier_versions_had_for_all_lakes_is_deleted(lake):
    shared = folder_of(lake).parent
    other = shared / "other-lake"
    other.mkdir(parents=True)
    for file in (shared / "gold.customer_360-v3-1234abcd-personal.duckdb", shared / POINTER, other / POINTER):
        file.write_text("x")

    build_store(lake)

    assert [path.name for path in shared.iterdir() if path.is_file()] == []
    assert (other / POINTER).is_file()


def test_an_up_to_date_store_is_left_as_it_is(lake):
    first = build_store(lake)
    second = build_store(lake)

    assert second.pointer == first.pointer
    assert second.tables == ()


def test_unchanged_tables_are_not_written_again(lake):
    build_store(lake)
    lake.run(customers=[customer("C1"), customer("C2", 3)])

    result = build_store(lake)

    assert [name for name in result.tables if not name.startswith("ops.")] == ["gold.customer_360"]
    assert result.documents == 1


@pytest.mark.sample
def test_a_run_in_progress_is_not_served(lake):
    build_store(lake)
    lake.write(SALES, sale(1, "99.00"))
    lake.record(SALES)
    shutil.rmtree(folder_of(lake))

    build_store(lake)

    assert generation_of(lake).query("SELECT max(net_sales)::INT AS net FROM gold.sales_daily").to_pylist() == [
        {"net": 20}
    ]
    assert generation_of(lake).query(f"SELECT DISTINCT run_id FROM {TABLE_RUNS.qualified_name}").num_rows == 1


def test_a_lake_that_is_made_anew_is_served_anew(lake, tmp_path):
    build_store(lake)
    shutil.rmtree(lake.settings.lake)
    anew = SmallLake(tmp_path, runs="anew")
    anew.run(sales=[sale(1, "7.00")], customers=[customer("C9", 9)])

    result = build_store(anew)

    assert generation_of(anew).query("SELECT sum(net_sales)::INT AS net FROM gold.sales_daily").to_pylist()[0] == {
        "net": 7
    }
    assert result.documents == 3


def test_a_run_of_a_copy_does_not_change_what_the_lake_serves(lake, tmp_path):
    build_store(lake)
    shutil.copytree(lake.settings.lake, tmp_path / "copy")
    copy = SmallLake(tmp_path, "copy", runs="copy")
    copy.run(sales=[sale(1, "7.00")])
    build_store(copy)

    nets = [
        generation_of(each).query("SELECT sum(net_sales)::INT AS net FROM gold.sales_daily").to_pylist()[0]["net"]
        for each in (lake, copy)
    ]
    assert nets == [30, 7]


def test_a_lost_file_is_written_again(lake):
    first = build_store(lake)
    (folder_of(lake) / first.pointer.files["gold.sales_daily"].file).unlink()

    assert build_store(lake).tables == ("gold.sales_daily",)


@pytest.mark.parametrize("content", [b"", b"\x00" * 4096])
def test_a_damaged_file_is_written_again(lake, content):
    build_store(lake)
    next(folder_of(lake).glob("gold.sales_daily*")).write_bytes(content)

    assert build_store(lake).tables == ("gold.sales_daily",)
    assert generation_of(lake).query("SELECT count(*) AS n FROM gold.sales_daily").to_pylist() == [{"n": 2}]


def test_a_file_that_only_begins_well_is_an_error_that_says_what_to_do(lake):
    build_store(lake)
    damaged = next(folder_of(lake).glob("gold.sales_daily*"))
    damaged.write_bytes(damaged.read_bytes()[:12])
    lake.run(customers=[customer("C1")])

    with pytest.raises(DamagedStoreError, match=r"Delete the folder .* and build it anew: shoplake serve"):
        build_store(lake, prepare=lambda folder, generation: None)


def test_a_file_that_the_system_does_not_open_is_no_damage(lake, monkeypatch):
    refused = duckdb.IOException('IO Error: Cannot open file "rows.duckdb": Too many open files')
    monkeypatch.setattr(builder, "OpenGeneration", Mock(side_effect=refused))

    with pytest.raises(UnopenedStoreError, match=r"Too many open files\. Correct the cause"):
        build_store(lake, lambda *_: None)


def test_files_of_old_generations_are_deleted(lake):
    for net in ("1.00", "2.00", "3.00"):
        build_store(lake)
        lake.run(sales=[sale(1, net)])
    build_store(lake)

    assert len(list(folder_of(lake).glob("gold.sales_daily-*.duckdb"))) == 2


def test_what_a_killed_build_spilled_is_deleted_by_the_next_one(lake):
    spilled = folder_of(lake) / SPILL
    spilled.mkdir(parents=True)
    (spilled / "duckdb_temp_1_storage.tmp").write_bytes(b"rows")

    build_store(lake)

    assert not spilled.exists()


def test_a_lake_without_a_run_says_what_to_do(tmp_path):
    with pytest.raises(NothingToServeError, match=r"has no finished run. Fill it: shoplake run"):
        build_store(SmallLake(tmp_path))


def test_a_version_whose_files_are_gone_is_named(lake):
    for file in Path(lake.path("gold.sales_daily")).glob("*.parquet"):
        file.unlink()

    with pytest.raises(UnreadableVersionError, match=r"The files of version 0 of gold.sales_daily are gone"):
        build_store(lake)


def test_a_lake_of_an_earlier_release_is_served_without_a_registry_of_models(lake):
    shutil.rmtree(lake.path("ops.models"))

    assert "ops.models" not in build_store(lake).pointer.versions
    assert generation_of(lake).query("SELECT count(*) AS days FROM gold.sales_daily").num_rows == 1


def test_quarantined_records_are_summarised_as_they_are_when_the_store_is_built(lake):
    lake.reasons = [
        {"table": "silver.events", "reason": "price_known", "records": 2, "oldest_at": None, "newest_at": None}
        | {"examples": [('"two"', "a.json:3"), ("", "a.json:9")]}
    ]
    build_store(lake)

    [row] = generation_of(lake).query(f"SELECT * FROM {QUARANTINE_REASONS.qualified_name}").to_pylist()

    assert (row["records"], row["examples"]) == (2, '"two" in a.json:3; a.json:9')


def test_quarantined_records_are_read_again_only_after_a_write_that_can_change_them(lake):
    build_store(lake)
    lake.run(sales=[sale(1, "1.00")])
    build_store(lake)
    lake.quarantine_version = 1
    lake.run(sales=[sale(1, "2.00")])
    build_store(lake)

    assert lake.asked == 2


def test_a_new_generation_is_prepared_before_readers_see_it(lake):
    seen = []

    def prepare(folder, generation):
        rows = generation.query("SELECT count(*) AS days FROM gold.sales_daily").to_pylist()
        seen.append((rows[0]["days"], (folder / POINTER).exists()))

    build_store(lake, prepare)
    build_store(lake, prepare)

    assert [seen[0][1], len(seen)] == [False, 1]
    assert seen[0][0] > 0


@pytest.mark.parametrize("step", ["read", "marker"])
def test_a_lake_that_is_moved_while_it_is_read_is_named(lake, step):
    read, folder = getattr(lake.state, step), Path(lake.settings.lake)

    def read_later(*values):
        folder.rename(folder.with_name("moved"))
        return read(*values)

    setattr(lake.state, step, read_later)

    with pytest.raises(LakeGoneError, match=r"was moved or deleted, .* shoplake serve --refresh"):
        build_store(lake)


def test_a_lake_that_was_moved_since_its_store_was_built_is_named_and_no_new_one_proposed(lake):
    build_store(lake)
    folder = Path(lake.settings.lake)
    folder.rename(folder.with_name("moved"))

    with pytest.raises(LakeGoneError, match=r"is gone: .* its disk is not mounted\. Put it back"):
        build_store(lake)
