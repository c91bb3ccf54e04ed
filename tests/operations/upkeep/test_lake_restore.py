from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sample_shop import drop_marks, lake_landing, sample_shop, with_tables
from sample_tables import drop, marks, marks_raw, price, rows_of

from shoplake.declare import expect
from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.engine.state.ops_tables import AUDIT, FILES, TABLE_RUNS
from shoplake.errors import ShoplakeError
from shoplake.operations.upkeep.restore_plan import RestoreError, UnfinishedRestoreError
from shoplake.pipeline.error_log import MARK

DAYS = ("2026-03-01", "2026-03-02", "2026-03-03")
POINTS = ["after_restore_table", "after_commit_offsets"]
SLOW_POINTS = ["before_restore_state", "before_restore_table", "after_restore_state", "after_record_state"]
SLOW_POINTS += ["after_append_results", "after_write_checksums"]


def arrive(lake, number):
    """A file of marks, and of another price of one thing."""
    drop_marks(lake, number, *DAYS[: number + 1])
    drop(
        lake_landing(lake) / f"prices/{number}.json",
        price("pen", f"{number + 1}.00", f"2026-03-0{number + 1}T00:00:00Z"),
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of a lake after three runs; the moment and the rows after each."""
    folder = tmp_path_factory.mktemp("restore")
    lake, moments, rows = sample_shop(folder), [], []
    for number in range(3):
        arrive(lake, number)
        lake.run()
        moments.append(datetime.now(UTC))
        rows.append(all_rows(lake))
    return folder, moments, rows


@pytest.fixture
def lake(built, tmp_path):
    """A copy of the lake."""
    shutil.copytree(built[0], tmp_path, dirs_exist_ok=True)
    return sample_shop(tmp_path)


def all_rows(lake):
    """The rows of each table and companion, without the batch that a repetition names anew."""
    tables = [each for table in lake.catalog.ordered for each in (table, *table.companion_tables)]
    names = {each: [c.name for c in each.columns if c.name not in ("batch_id", "ingested_at")] for each in tables}
    return {each.qualified_name: rows_of(lake.engine, each, *names[each]) for each in tables}


@pytest.mark.sample
@pytest.mark.parametrize("number", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_every_table_has_its_rows_of_that_moment_and_the_next_run_goes_on_from_it(lake, built, number):
    _, moments, rows = built

    restored = lake.restore(moments[number])
    then, problems = all_rows(lake), lake.verify()
    result = lake.run()

    assert then == rows[number] and problems == []
    assert "silver.marks" in restored.tables and restored.until == moments[number]
    assert result.files == 2 * (2 - number)
    assert all_rows(lake) == rows[2] and lake.verify() == []


def test_a_lake_that_goes_back_to_before_its_first_file_reads_all_files_again(tmp_path):
    lake = sample_shop(tmp_path, (marks_raw, marks))
    lake.run(start=date(2026, 3, 1), end=date(2026, 3, 3))
    before = datetime.now(UTC)
    for number in range(3):
        drop_marks(lake, number, *DAYS)
        lake.run()
    after = all_rows(lake)

    lake.restore(before)
    lake.run()

    assert all_rows(lake) == after and lake.verify() == []


def test_a_killed_run_is_left_out_by_a_restore_to_a_moment_in_it(lake):
    started = datetime.now(UTC)
    mark = {"run_id": "r0", "started_at": started.isoformat(), "process": "another"}
    Path(lake.settings.lake, MARK).write_text(json.dumps(mark))
    at = datetime.now(UTC)
    time.sleep(0.002)
    lake.engine.delete_batch(lake.catalog["marks_raw"], "b000000001")  # all that it did

    assert lake.restore_plan(at).until == started - timedelta(microseconds=1)


def test_a_run_after_a_restore_to_the_present_has_nothing_to_do(lake, built):
    restored = lake.restore(built[1][2])

    assert restored.tables == () and lake.run().tables == []


def test_what_was_recorded_since_is_forgotten_and_the_restore_is_in_the_audit(lake, built):
    moment = built[1][0]

    lake.restore(moment)

    assert max(row["recorded_at"] for row in lake.state.read(FILES)) <= moment
    assert len({row["run_id"] for row in lake.state.read(TABLE_RUNS)}) == 2
    assert [(row["command"], row["subject"]) for row in lake.state.read(AUDIT)] == [("restore", moment.isoformat())]


def test_a_second_restore_goes_back_to_the_same_moment(lake, built):
    _, moments, rows = built
    lake.restore(moments[1])

    assert lake.restore(moments[1]).until == moments[1] and all_rows(lake) == rows[1]


class SetBack(datetime):
    """The time of a clock that was set back by a day."""

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) - timedelta(days=1)


def test_a_second_restore_goes_back_to_the_same_moment_also_by_a_clock_that_was_set_back(lake, built, monkeypatch):
    monkeypatch.setattr("shoplake.engine.state.state_store.datetime", SetBack)
    _, moments, rows = built
    lake.restore(moments[1])

    assert lake.restore(moments[1]).until == moments[1] and all_rows(lake) == rows[1]


def test_a_restore_to_before_a_clock_was_set_back_loses_no_file_of_the_runs_after(lake, built, monkeypatch):
    monkeypatch.setattr("shoplake.engine.state.state_store.datetime", SetBack)
    for number in (3, 4):
        drop_marks(lake, number, *DAYS)
        lake.run()
    last = all_rows(lake)

    lake.restore(built[1][2])

    assert lake.verify() == []
    lake.run()
    assert all_rows(lake) == last


def test_a_moment_that_a_restore_has_undone_loses_no_run_before_that_restore(lake, built):
    _, moments, rows = built
    lake.restore(moments[1])

    restored = lake.restore(moments[2])

    assert restored.until == moments[1] and restored.plan.undone_at is not None
    assert all_rows(lake) == rows[1]
    lake.run()
    assert all_rows(lake) == rows[2] and lake.verify() == []


def test_runs_that_a_clock_dated_ahead_are_undone_and_dated_anew(lake, built):
    _, moments, rows = built
    ahead = moments[2] + timedelta(days=3650)
    mark = {"run_id": "r0", "table": "gold.daily", "version": -1, "run_started_at": ahead}
    lake.state.append_results([mark], ahead)  # as a run does whose clock is years ahead
    drop_marks(lake, 3, *DAYS)
    lake.run()
    last = all_rows(lake)

    with pytest.raises(RestoreError, match="Choose a moment before them"):
        lake.restore(datetime.now(UTC))
    restored = lake.restore(moments[2])

    assert restored.until == moments[2] and all_rows(lake) == rows[2] and lake.verify() == []
    lake.run()
    assert all_rows(lake) == last and lake.verify() == [] and lake.state.latest() <= datetime.now(UTC)


def test_a_change_of_code_that_was_undone_is_pending_again(lake, built):
    stricter = with_tables(lake, replace(lake.catalog["marks"], rules=(expect("n_positive", "n > 2"),)))
    stricter.apply()

    stricter.restore(built[1][2])

    assert "silver.marks" in [change.table for change in stricter.plan_changes().changes]


@pytest.mark.sample
@pytest.mark.parametrize("point", [*POINTS, *(pytest.param(each, marks=pytest.mark.slow) for each in SLOW_POINTS)])
def test_a_restore_that_is_killed_is_finished_by_the_same_command(lake, built, point):
    _, moments, rows = built
    end_at(point, lambda: lake.restore(moments[0]))

    if point != "after_write_checksums":
        for use in (lake.run, lambda: lake.table("gold.daily")):
            with pytest.raises(UnfinishedRestoreError, match="Finish it: shoplake maintain restore --at"):
                use()
    lake.restore(moments[0])

    assert all_rows(lake) == rows[0] and lake.verify() == []
    lake.run()
    assert all_rows(lake) == rows[2]


def end_at(point, work):
    """Do some work that ends as a kill does at a crash point."""

    def die(name):
        if name == point:
            raise KeyboardInterrupt

    set_crash_hook(die)
    try:
        with pytest.raises(KeyboardInterrupt):
            work()
    finally:
        set_crash_hook(None)


def test_another_moment_is_refused_until_the_restore_is_finished(lake, built):
    end_at("after_restore_table", lambda: lake.restore(built[1][0]))

    with pytest.raises(UnfinishedRestoreError):
        lake.restore(built[1][1])


def test_a_moment_before_the_first_run_is_refused_with_the_first(lake):
    with pytest.raises(RestoreError, match=r"The lake has no rows of 2020-01-01 .* Its first run started at 2"):
        lake.restore(datetime(2020, 1, 1, tzinfo=UTC))


def test_a_moment_whose_files_are_deleted_is_refused_before_anything_changes(lake, built):
    from deltalake import DeltaTable

    path = lake.path("gold.daily")
    DeltaTable(path).vacuum(0, dry_run=False, enforce_retention_duration=False)

    with pytest.raises(ShoplakeError, match=r"gold.daily cannot be .* files of its version \d+ are deleted"):
        lake.restore(built[1][0])
    assert all_rows(lake) == built[2][2] and lake.run().tables == []
