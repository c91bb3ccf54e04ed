import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from shoplake.cli.views.maintain.maintenance import (
    CommitsView,
    FileCountsView,
    RestoredLakeView,
    RestorePlanView,
    RestoreView,
)
from shoplake.operations.table_maintenance import Commit
from shoplake.operations.upkeep.lake_restore import RestoredLake
from shoplake.operations.upkeep.restore_plan import RestorePlan

LATE = datetime(2030, 1, 1, tzinfo=UTC)


def rendered(view) -> str:
    console = Console(file=io.StringIO(), width=200)
    view.render(console)
    return console.file.getvalue()


def test_tables_without_files_are_only_counted():
    output = rendered(FileCountsView({"silver.events": 1_200, "silver.orders": 0}, "deleted"))
    assert output.splitlines()[1].split() == ["silver.events", "1,200"] and "silver.orders" not in output
    assert output.endswith("1,200 files deleted in 2 tables.\n")


def test_a_commit_is_a_line_and_an_object():
    view = CommitsView([Commit(3, datetime(2026, 3, 2, 12, tzinfo=UTC), "MERGE")])
    assert rendered(view).splitlines()[1].split() == ["3", "2026-03-02", "12:00:00", "MERGE"]
    assert view.to_json() == [{"version": 3, "at": "2026-03-02T12:00:00+00:00", "operation": "MERGE"}]


def test_a_restored_version_is_printed_with_how_to_rebuild_the_table():
    view = RestoreView("gold.sales_daily", 4, Path("shoplake.toml"))
    output = rendered(view)
    assert output.startswith("gold.sales_daily is restored to version 4.\n")
    assert "run --full-refresh --select sales_daily" in output
    assert view.to_json() == {"table": "gold.sales_daily", "restored_version": 4}


def test_a_restored_lake_is_printed_with_its_moment_and_the_run_that_was_at_work():
    at, until = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 2, 11, tzinfo=UTC)
    plan = RestorePlan(at, until, {"silver.events": 3}, {"silver.events": 5})
    view = RestoredLakeView(RestoredLake(plan, ("silver.events",)), Path("shoplake.toml"))
    output = rendered(view)
    assert output.startswith(
        "The lake is restored to 2026-03-02 11:00:00 UTC: 1 table changed.\nA run was at work at 12:00:00"
    )
    assert view.to_json() == {
        "at": "2026-03-02T12:00:00+00:00",
        "restored_to": "2026-03-02T11:00:00+00:00",
        "tables": ["silver.events"],
    }


def test_a_planned_restore_lists_the_versions_that_change():
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    view = RestorePlanView(
        RestorePlan(at, at, {"silver.events": 3, "gold.rfm": 2}, {"silver.events": 5, "gold.rfm": 2})
    )
    assert rendered(view).splitlines()[1].split() == ["silver.events", "3", "5"]
    assert rendered(view).endswith("1 table to be restored to 2026-03-02 12:00:00 UTC.\n")
    assert view.to_json()["tables"]["gold.rfm"] == {"version": 2, "current": 2}


@pytest.mark.parametrize(
    ("undone_at", "reason"),
    [
        (None, "A run was at work at 12:00:00; this is the moment before its start.\n"),
        (
            datetime(2026, 3, 2, 13, tzinfo=UTC),
            "A restore at 2026-03-02 13:00:00 UTC has undone 2026-03-02 12:00:00 UTC; "
            "this is the last moment before that is left.\n",
        ),
    ],
)
def test_a_dry_run_says_why_its_moment_is_an_earlier_one(undone_at, reason):
    at, until = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 2, 11, tzinfo=UTC)
    plan = RestorePlan(at, until, {"silver.events": 3}, {"silver.events": 5}, undone_at)
    assert rendered(RestorePlanView(plan)).endswith(f"1 table to be restored to 2026-03-02 11:00:00 UTC.\n{reason}")


@pytest.mark.parametrize(
    "view",
    [
        RestoredLakeView(RestoredLake(RestorePlan(LATE, LATE, {}, {}), ()), Path("shoplake.toml")),
        RestorePlanView(RestorePlan(LATE, LATE, {"silver.events": 3}, {"silver.events": 3})),
    ],
)
def test_a_moment_after_the_last_change_restores_nothing_and_says_so(view):
    assert rendered(view) == "Nothing to restore: no table has changed since 2030-01-01 00:00:00 UTC.\n"
