"""The `ops` tables in a catalog."""

from datetime import UTC, datetime

import pyarrow.dataset as ds

from shoplake.engine.state.catalog_ops import CatalogOps
from shoplake.engine.state.ops_tables import FILES, OFFSETS, TABLE_RUNS
from shoplake.engine.state.state_store import Offset, StateStore
from shoplake.engine.storage.catalog.catalog_tables import create_table

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


def store(engine, *tables):
    ops = CatalogOps(engine.session, "spark_catalog")
    for table in tables:
        create_table(table, ops.path(table), more={"_markers": "string"})
    return StateStore(engine.lake, ops=ops)


def test_rows_and_markers_are_one_commit_and_another_process_reads_them(catalog_engine):
    mine = store(catalog_engine, FILES)
    mine.append(FILES, [{"path": "a", "size": 1, "recorded_at": NOW}, {"path": "b"}], {"batch/": 1, "x": 5})
    mine.append(FILES, [], {"batch/": 2})
    other = store(catalog_engine)

    assert sorted(row["path"] for row in other.read(FILES)) == ["a", "b"]
    assert other.read(FILES, ["recorded_at"], ds.field("path") == "a") == [{"recorded_at": NOW}]
    assert [other.marker(FILES, name) for name in ("batch/", "x", "y")] == [2, 5, None]


def test_offsets_are_replaced_and_keep_their_markers(catalog_engine):
    mine = store(catalog_engine, OFFSETS, TABLE_RUNS)
    mine.append_results([{"table": "silver.a", "version": 1, "offsets": "{}", "run_started_at": NOW}], NOW)
    for number in (1, 2):
        mine.commit_offsets({("a", "x"): Offset(f"b{number}")}, "r", NOW)

    assert (mine.offsets(), mine.latest()) == ({("a", "x"): Offset("b2")}, NOW)
