import json
from datetime import UTC, datetime, timedelta

import pyarrow.dataset as ds
import pytest

from shoplake.engine.state import state_store as module
from shoplake.engine.state.ops_tables import CHECKSUMS, FILES, OPS, PROGRESS, RUNS
from shoplake.engine.state.state_store import Ledger, Progress
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.table_cache import fresh

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(f"{tmp_path}/lake/")
    made.ensure()
    return made


def test_its_tables_are_made_once_and_have_no_rows(ledger):
    ledger.ensure()

    assert {table.name: (delta_log.version(ledger.at(table)), ledger.rows(table)) for table in OPS} == {
        table.name: (0, []) for table in OPS
    }


def test_its_tables_lie_in_ops(ledger, tmp_path):
    assert ledger.at(RUNS) == f"{tmp_path}/lake/ops/runs"
    assert {path.name for path in (tmp_path / "lake" / "ops").iterdir()} == {table.name for table in OPS}


def test_rows_are_added_to_those_that_are_there_and_what_is_left_out_is_null(ledger):
    ledger.append(CHECKSUMS, [{"table": "t", "file": "a", "sha256": "1", "run_id": "r", "recorded_at": NOW}])
    ledger.append(CHECKSUMS, [{"table": "t", "file": "b"}])

    rows = sorted(ledger.rows(CHECKSUMS), key=lambda row: row["file"])
    assert rows[0] == {"table": "t", "file": "a", "sha256": "1", "run_id": "r", "recorded_at": NOW}
    assert rows[1] == {"table": "t", "file": "b", "sha256": None, "run_id": None, "recorded_at": None}


def test_only_some_columns_can_be_asked_for(ledger):
    ledger.append(FILES, [{"feed": "shop", "path": "a", "size": 3}])

    assert ledger.rows(FILES, ["path", "size"]) == [{"path": "a", "size": 3}]


def test_no_rows_are_no_commit(ledger):
    ledger.append(RUNS, [])

    assert delta_log.version(ledger.at(RUNS)) == 0


def test_progress_is_put_in_place_of_what_was(ledger):
    first = {("a", "x"): Progress("b1"), ("a", "y"): Progress(version=3)}
    second = {("a", "x"): Progress("b2")}

    ledger.keep_progress(first, "r1", NOW)
    assert ledger.progress() == first
    ledger.keep_progress(second, "r2", NOW)

    assert ledger.progress() == second
    assert [row["run_id"] for row in ledger.rows(PROGRESS)] == ["r2"]


def test_all_progress_can_be_taken_back(ledger):
    ledger.keep_progress({("a", "x"): Progress("b1")}, "r1", NOW)

    ledger.keep_progress({}, "r2", NOW)

    assert ledger.progress() == {}


def test_a_mark_is_the_number_last_put_down(ledger):
    ledger.append(FILES, [{"path": "a"}], {"batch/": 1, "batch/marks_raw": 1})
    ledger.append(FILES, [{"path": "b"}], {"batch/": 2})
    ledger.append(FILES, [])

    assert [ledger.mark(FILES, name) for name in ("batch/", "batch/marks_raw", "none")] == [2, 1, None]


def test_marks_may_be_put_down_without_rows(ledger):
    ledger.append(CHECKSUMS, [], {"run": 7})

    assert (ledger.mark(CHECKSUMS, "run"), ledger.rows(CHECKSUMS)) == (7, [])


def test_some_rows_can_be_asked_for(ledger):
    ledger.append(FILES, [{"path": "a", "size": 1}, {"path": "b", "size": 2}])

    assert ledger.rows(FILES, ["size"], ds.field("path") == "b") == [{"size": 2}]


@pytest.mark.parametrize("spare", [1, 999, 1_000, 1_999])
def test_what_a_run_noted_and_progress_does_not_hold_yet_is_added_to_it(ledger, spare):
    at = NOW + timedelta(microseconds=spare)
    ledger.note_runs([noted("a", "x", "b1", at)], at)
    ledger.keep_progress({("a", "x"): Progress("b1")}, "r1", at)
    ledger.note_runs([noted("a", "x", "b2", at)], at)

    assert ledger.progress() == {("a", "x"): Progress("b2")}


def test_what_was_noted_before_progress_was_kept_does_not_set_it_back(ledger):
    before = NOW - timedelta(microseconds=1)
    ledger.note_runs([noted("a", "x", "b1", before)], before)
    ledger.keep_progress({("a", "x"): Progress("b2")}, "r2", NOW)
    ledger.note_runs([noted("b", "x", "b2", NOW)], NOW)

    assert ledger.progress() == {("a", "x"): Progress("b2"), ("b", "x"): Progress("b2")}


def test_where_progress_holds_all_that_was_noted_runs_are_not_read(ledger, monkeypatch):
    ledger.note_runs([noted("a", "x", "b1", NOW)], NOW)
    ledger.keep_progress({("a", "x"): Progress("b1")}, "r1", NOW)
    monkeypatch.setattr(Ledger, "_runs_since", None)

    assert ledger.progress() == {("a", "x"): Progress("b1")}


def test_the_last_run_is_known_to_the_microsecond(ledger):
    assert ledger.latest() == datetime(1970, 1, 1, tzinfo=UTC)
    at = NOW + timedelta(microseconds=123_457)

    ledger.note_runs([noted("a", "x", "b1", at)], at)

    assert ledger.latest() == at


def test_a_tidy_ledger_holds_the_same_rows_and_marks_in_few_files(ledger, monkeypatch):
    monkeypatch.setattr(module, "TIDY_EVERY", 10)
    for number in range(25):
        ledger.append(FILES, [{"path": str(number)}], {"batch/": number})
        ledger.note_runs([noted("a", "x", f"b{number}", NOW)], NOW)
        ledger.keep_progress({("a", "x"): Progress(f"b{number}")}, "r", NOW)
        ledger.tidy()

    assert sorted(int(row["path"]) for row in ledger.rows(FILES)) == list(range(25))
    assert (ledger.mark(FILES, "batch/"), ledger.mark(RUNS, "note")) == (24, 25)
    assert ledger.progress() == {("a", "x"): Progress("b24")}
    assert all(len(delta_log.files(ledger.at(table))) < 12 for table in (FILES, RUNS, PROGRESS))


def test_a_tidy_ledger_says_the_same_to_who_reads_it_anew(ledger, monkeypatch):
    monkeypatch.setattr(module, "TIDY_EVERY", 1)
    ledger.append(FILES, [{"path": "a"}], {"batch/": 1})
    ledger.tidy()

    table = fresh(ledger.at(FILES))

    assert (table.transaction_version("batch/"), table.to_pyarrow_table().num_rows) == (1, 1)


def noted(table, upstream, batch, at):
    return {
        "table": f"silver.{table}",
        "version": int(batch[1:]),
        "progress": json.dumps({upstream: [batch, None]}),
        "recorded_at": at,
    }
