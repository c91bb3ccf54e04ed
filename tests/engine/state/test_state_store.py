import json
import shutil
from datetime import UTC, datetime, timedelta

import pyarrow.dataset as ds
import pytest

from shoplake.engine.state.ops_tables import CHECKSUMS, FILES, OFFSETS, OPS, TABLE_RUNS
from shoplake.engine.state.state_store import Offset, StateStore
from shoplake.engine.storage import delta_log

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture
def state_store(empty_state, tmp_path):
    return StateStore(f"{shutil.copytree(empty_state, tmp_path / 'lake')}/")


def test_its_tables_are_made_once_and_have_no_rows(state_store):
    state_store.create_if_missing()

    assert {
        table.name: (delta_log.table_version(state_store.path(table)), state_store.read(table)) for table in OPS
    } == {table.name: (0, []) for table in OPS}


def test_its_tables_lie_in_ops(state_store, tmp_path):
    assert state_store.path(TABLE_RUNS) == f"{tmp_path}/lake/ops/table_runs"
    assert {path.name for path in (tmp_path / "lake" / "ops").iterdir()} == {table.name for table in OPS}


def test_rows_are_added_to_those_that_are_there_and_what_is_left_out_is_null(state_store):
    state_store.append(CHECKSUMS, [{"table": "t", "file": "a", "sha256": "1", "run_id": "r", "recorded_at": NOW}])
    state_store.append(CHECKSUMS, [{"table": "t", "file": "b"}])

    rows = sorted(state_store.read(CHECKSUMS), key=lambda row: row["file"])
    assert rows[0] == {"table": "t", "file": "a", "sha256": "1", "run_id": "r", "recorded_at": NOW}
    assert rows[1] == {"table": "t", "file": "b", "sha256": None, "run_id": None, "recorded_at": None}


def test_only_some_columns_can_be_asked_for(state_store):
    state_store.append(FILES, [{"feed": "shop", "path": "a", "size": 3}])

    assert state_store.read(FILES, ["path", "size"]) == [{"path": "a", "size": 3}]


def test_no_rows_are_no_commit(state_store):
    state_store.append(TABLE_RUNS, [])

    assert delta_log.table_version(state_store.path(TABLE_RUNS)) == 0


def test_progress_is_replaced(state_store):
    first = {("a", "x"): Offset("b1"), ("a", "y"): Offset(version=3)}
    second = {("a", "x"): Offset("b2")}

    state_store.commit_offsets(first, "r1", NOW)
    assert state_store.offsets() == first
    state_store.commit_offsets(second, "r2", NOW)

    assert state_store.offsets() == second
    assert [row["run_id"] for row in state_store.read(OFFSETS)] == ["r2"]


def test_all_progress_can_be_undone(state_store):
    state_store.commit_offsets({("a", "x"): Offset("b1")}, "r1", NOW)

    state_store.commit_offsets({}, "r2", NOW)

    assert state_store.offsets() == {}


def test_a_mark_is_the_number_last_recorded(state_store):
    state_store.append(FILES, [{"path": "a"}], {"batch/": 1, "batch/marks_raw": 1})
    state_store.append(FILES, [{"path": "b"}], {"batch/": 2})
    state_store.append(FILES, [])

    assert [state_store.marker(FILES, name) for name in ("batch/", "batch/marks_raw", "none")] == [2, 1, None]


def test_marks_may_be_recorded_without_rows(state_store):
    state_store.append(CHECKSUMS, [], {"run": 7})

    assert (state_store.marker(CHECKSUMS, "run"), state_store.read(CHECKSUMS)) == (7, [])


def test_some_rows_can_be_asked_for(state_store):
    state_store.append(FILES, [{"path": "a", "size": 1}, {"path": "b", "size": 2}])

    assert state_store.read(FILES, ["size"], ds.field("path") == "b") == [{"size": 2}]


@pytest.mark.parametrize("spare", [1, 999, 1_000, 1_999])
def test_what_a_run_noted_and_progress_does_not_hold_yet_is_added_to_it(state_store, spare):
    at = NOW + timedelta(microseconds=spare)
    state_store.append_results([noted("a", "x", "b1", at)], at)
    state_store.commit_offsets({("a", "x"): Offset("b1")}, "r1", at)
    state_store.append_results([noted("a", "x", "b2", at)], at)

    assert state_store.offsets() == {("a", "x"): Offset("b2")}


def test_what_was_noted_before_progress_was_kept_does_not_set_it_back(state_store):
    before = NOW - timedelta(microseconds=1)
    state_store.append_results([noted("a", "x", "b1", before)], before)
    state_store.commit_offsets({("a", "x"): Offset("b2")}, "r2", NOW)
    state_store.append_results([noted("b", "x", "b2", NOW)], NOW)

    assert state_store.offsets() == {("a", "x"): Offset("b2"), ("b", "x"): Offset("b2")}


def test_where_progress_holds_all_that_was_noted_runs_are_not_read(state_store, monkeypatch):
    state_store.append_results([noted("a", "x", "b1", NOW)], NOW)
    state_store.commit_offsets({("a", "x"): Offset("b1")}, "r1", NOW)
    monkeypatch.setattr(StateStore, "_runs_since", None)

    assert state_store.offsets() == {("a", "x"): Offset("b1")}


def test_the_last_run_is_known_to_the_microsecond(state_store):
    assert state_store.latest() == datetime(1970, 1, 1, tzinfo=UTC)
    at = NOW + timedelta(microseconds=123_457)

    state_store.append_results([noted("a", "x", "b1", at)], at)

    assert state_store.latest() == at


@pytest.mark.sample
def noted(table, upstream, batch, at):
    return {
        "table": f"silver.{table}",
        "version": int(batch[1:]),
        "offsets": json.dumps({upstream: [batch, None, None]}),
        "run_started_at": at,
    }


def test_a_run_by_a_clock_that_is_ahead_started_when_it_was_recorded(state_store):
    before = state_store.last_run_at()
    started = datetime.now(UTC)
    state_store.append_results([{"run_id": "r1", "table": "gold.daily", "run_started_at": started}], started)
    right = state_store.last_run_at()
    ahead = started + timedelta(days=3650)
    state_store.append_results([{"run_id": "r2", "table": "gold.daily", "run_started_at": ahead}], ahead)

    assert (before, right) == (None, started)
    assert started - timedelta(milliseconds=1) <= state_store.last_run_at() <= datetime.now(UTC)


def test_the_last_run_is_again_the_one_before_those_that_were_undone(state_store):
    for run, at in (("r1", NOW), ("r2", NOW + timedelta(days=3650))):
        state_store.append_results([{"run_id": run, "table": "gold.daily", "run_started_at": at}], at)

    state_store.rewind(TABLE_RUNS, NOW)

    assert state_store.latest() == NOW
