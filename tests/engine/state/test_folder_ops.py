"""The `ops` tables in the folder of a lake."""

from datetime import UTC, datetime

import pytest

from shoplake.engine.state.ops_tables import FILES, OFFSETS, TABLE_RUNS
from shoplake.engine.state.state_store import Offset, StateStore
from shoplake.engine.storage import delta_log, filesystem
from shoplake.engine.storage.table_cache import load_table

from .test_state_store import noted

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


def test_a_compacted_state_store_has_the_same_rows_and_marks_in_few_files(tmp_path):
    state_store = StateStore(f"{tmp_path}/lake", compact_every=4)
    state_store.create_if_missing()
    for number in range(10):
        state_store.append(FILES, [{"path": str(number)}], {"batch/": number})
        state_store.append_results([noted("a", "x", f"b{number}", NOW)], NOW)
        state_store.commit_offsets({("a", "x"): Offset(f"b{number}")}, "r", NOW)
        state_store.compact()

    assert sorted(int(row["path"]) for row in state_store.read(FILES)) == list(range(10))
    assert (state_store.marker(FILES, "batch/"), state_store.marker(TABLE_RUNS, "note")) == (9, 10)
    assert state_store.offsets() == {("a", "x"): Offset("b9")}
    assert all(len(delta_log.file_paths(state_store.path(table))) < 6 for table in (FILES, TABLE_RUNS, OFFSETS))


def test_a_compacted_state_store_reads_the_same_to_who_reads_it_anew(tmp_path):
    state_store = StateStore(f"{tmp_path}/lake", compact_every=1)
    state_store.create_if_missing()
    state_store.append(FILES, [{"path": "a"}], {"batch/": 1})
    state_store.compact()

    table = load_table(state_store.path(FILES))

    assert (table.transaction_version("batch/"), table.to_pyarrow_table().num_rows) == (1, 1)


def test_a_lake_that_can_only_be_read_says_so_and_leaves_its_tables_alone(tmp_path, monkeypatch):
    state = StateStore(str(tmp_path))
    state.create_if_missing()
    monkeypatch.setattr(filesystem.os, "access", lambda *_: False)

    with pytest.raises(OSError, match="Read-only file system"):
        state.append(FILES, [{"path": "a"}])

    assert state.read(FILES) == []
