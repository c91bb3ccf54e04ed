from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sample_lake import SampleLake
from sample_tables import mark, marks, marks_raw

from shoplake.declare.catalog import Catalog
from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.engine.state.ops_tables import CHECKSUMS, MAINTENANCE, OPS
from shoplake.engine.state.state_store import Offset
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.upkeep.table_files import TableFiles
from shoplake.operations.upkeep.lake_upkeep import LakeUpkeep, TableStatus
from shoplake.pipeline.run_result import UpkeepAction
from shoplake.settings.maintenance_settings import MaintenanceSettings

DAY = timedelta(days=1)
CATALOG = Catalog([marks_raw, marks])


@pytest.fixture(scope="module")
def made(spark, tmp_path_factory):
    """A lake of sample tables after six runs, each with a file of the same day."""
    lake = SampleLake(spark, tmp_path_factory.mktemp("upkeep"), catalog=CATALOG)
    for number in range(6):
        lake.drop(f"marks/{number}", mark(f"m{number}"))
        lake.run()
    return lake


def upkeep(lake, settings=None, **options):
    tables = [each for table in CATALOG.ordered for each in (table, *table.companion_tables)]
    return LakeUpkeep(lake.engine, lake.state, [*tables, *OPS], settings or MaintenanceSettings(), **options)


def leave_unused(lake, table, size):
    """A file of a failed write, eight days old."""
    path = Path(lake.engine.path(table), "part-left.parquet")
    path.write_bytes(b"x" * size)
    at = time.time() - 8 * 86_400
    os.utime(path, (at, at))
    return path


def test_status_lists_every_table_and_plan_leaves_the_state_store_alone(made):
    found = upkeep(made).status()

    names = {each.table for each in found}
    assert {"silver.marks", "silver.marks_quarantine", "ops.files"} <= names
    assert [each.table for each in upkeep(made).plan() if each.table.startswith("ops.")] == []


def test_the_greatest_gain_is_first_and_what_has_no_time_is_left(made):
    path = leave_unused(made, marks, 100)
    actions = upkeep(made).plan()
    seconds = iter(range(0, 1_000, 100))

    result = upkeep(made, clock=lambda: next(seconds)).execute(actions)

    assert [each.files for each in actions] == sorted((each.files for each in actions), reverse=True)
    assert UpkeepAction("silver.marks", "compact", 5) in actions
    assert result.done == tuple(actions[:1]) and result.left == tuple(actions[1:]) != ()
    assert path.exists() != (result.done[0].action == "vacuum")


def test_a_maintained_lake_has_its_rows_checksums_and_nothing_left_to_do(made):
    leave_unused(made, marks, 100)
    rows = made.rows(marks)

    upkeep(made).execute(upkeep(made).plan())

    assert upkeep(made).plan() == []
    assert made.rows(marks) == rows and "silver.marks" not in made.wrote()
    recorded = {row["file"] for row in made.state.read(CHECKSUMS, ["file"])}
    assert set(delta_log.file_paths(made.engine.path(marks))) <= recorded
    recorded = {(row["table"], row["action"]) for row in made.state.read(MAINTENANCE)}
    assert ("silver.marks", "vacuum") in recorded


def test_a_table_with_many_commits_gets_a_checkpoint(made):
    few = upkeep(made, commits_per_checkpoint=3)
    planned = {each.table for each in few.plan() if each.action == "log"}

    few.execute(few.plan())

    assert "silver.marks" in planned
    assert [each for each in few.plan() if each.action == "log"] == []


def test_a_run_maintains_once_the_first_look_is_as_old_as_every(made):
    now = datetime.now(UTC) + 100 * DAY
    settings = MaintenanceSettings(every=DAY)

    upkeep(made, settings, now=now).execute([])
    due = [upkeep(made, settings, now=now + each * DAY).is_due() for each in (0.9, 1)]

    assert due == [False, True]
    assert not upkeep(made, MaintenanceSettings(every=None), now=now + 9 * DAY).is_due()


def test_a_clock_far_ahead_deletes_nothing_and_one_set_back_waits_for_nothing(made):
    now = datetime.now(UTC)
    settings = MaintenanceSettings(every=DAY)
    upkeep(made, settings, now=now).execute([])

    ahead = [upkeep(made, settings, now=now + days * DAY).is_due() for days in (3650, 3650.5)]

    assert ahead == [False, False]
    assert upkeep(made, settings, now=now + DAY).is_due()


def test_the_first_look_begins_to_count(spark, tmp_path):
    lake = SampleLake(spark, tmp_path, catalog=CATALOG)
    lake.run()
    now = datetime.now(UTC)
    lake.drop("marks/0", mark("m0"))
    lake.run()

    first = upkeep(lake, now=now).is_due()

    assert not first and not upkeep(lake, now=now + 0.9 * DAY).is_due()
    assert upkeep(lake, now=now + DAY).is_due()


@pytest.mark.parametrize("point", ["before_maintain_table", "after_maintain_table"])
def test_a_maintenance_that_is_killed_is_completed_by_the_next(made, point):
    path, rows = leave_unused(made, marks, 100), made.rows(marks)

    def die(name):
        if name == point:
            raise KeyboardInterrupt

    set_crash_hook(die)
    try:
        with pytest.raises(KeyboardInterrupt):
            upkeep(made).execute(upkeep(made).plan())
    finally:
        set_crash_hook(None)

    upkeep(made).execute(upkeep(made).plan())
    assert not path.exists() and made.rows(marks) == rows


def test_commits_that_a_reader_has_not_read_stay_in_the_log(made):
    state = SimpleNamespace(
        offsets=lambda: {("daily", "marks"): Offset(version=5), ("marks", "marks_raw"): Offset("b1")}
    )
    found = LakeUpkeep(made.engine, state, [marks], MaintenanceSettings())
    files = [TableFiles(9, 1, 1, 0, 0, 0, 10, 1, 9, until + 1, until) for until in (5, 6)]

    planned = [[each.action for each in found.plan([TableStatus("silver.marks", each)])] for each in files]

    assert planned == [["log"], []]
