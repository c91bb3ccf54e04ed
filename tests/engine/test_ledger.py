from datetime import UTC, datetime

import pytest

from shoplake.engine import log
from shoplake.engine.ledger import Ledger, Progress
from shoplake.engine.ops import CHECKSUMS, FILES, OPS, PROGRESS, RUNS

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(f"{tmp_path}/lake/")
    made.ensure()
    return made


def test_its_tables_are_made_once_and_have_no_rows(ledger):
    ledger.ensure()

    assert {table.name: (log.version(ledger.at(table)), ledger.rows(table)) for table in OPS} == {
        table.name: (0, []) for table in OPS
    }


def test_its_tables_lie_in_ops(ledger, tmp_path):
    assert ledger.at(RUNS) == f"{tmp_path}/lake/ops/runs"
    assert {path.name for path in (tmp_path / "lake" / "ops").iterdir()} == {table.name for table in OPS}


@pytest.mark.parametrize("table", OPS, ids=lambda table: table.name)
def test_each_of_its_tables_says_what_a_row_is_and_what_its_columns_mean(table):
    assert table.doc.startswith("One row a")
    assert all(column.doc for column in table.columns)
    assert [column.name for column in table.columns][-1] == "recorded_at"


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

    assert log.version(ledger.at(RUNS)) == 0


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
