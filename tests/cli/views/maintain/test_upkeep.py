import io
from datetime import UTC, datetime

from rich.console import Console

from shoplake.cli.views.maintain.upkeep import ExpiredRowsView, UpkeepPlanView, UpkeepResultView, UpkeepStatusView
from shoplake.engine.storage.upkeep.table_files import TableFiles
from shoplake.operations.upkeep.lake_upkeep import TableStatus
from shoplake.pipeline.run_result import ExpiredRows, UpkeepAction, UpkeepResult

FILES = TableFiles(12, 1_200, 5_000_000, 7, 3, 1_500_000, 13, 20_000, None, 0, -1)
DONE = (UpkeepAction("silver.events", "vacuum", 3, 1_500_000), UpkeepAction("gold.rfm", "compact", 1))


def rendered(view) -> str:
    console = Console(file=io.StringIO(), width=200)
    view.render(console)
    return console.file.getvalue()


def test_a_table_is_a_line_and_unused_files_are_summed():
    view = UpkeepStatusView([TableStatus("silver.events", FILES)])

    output = rendered(view)

    assert output.splitlines()[1].split() == ["silver.events", "1,200", "7", "5.0", "3", "1.5", "13", "0.0"]
    assert output.endswith("1 table, 5.0 MB. Unused files that can be deleted: 1.5 MB.\n")
    assert view.to_json()[0]["unused_size"] == 1_500_000 and view.to_json()[0]["table"] == "silver.events"


def test_a_plan_is_a_line_per_action():
    assert rendered(UpkeepPlanView(DONE)).splitlines() == [
        "delete unused files of silver.events: 3 files, 1.5 MB",
        "compact gold.rfm: 1 file",
    ]
    assert rendered(UpkeepPlanView([])) == "Nothing to do.\n"
    assert UpkeepPlanView(DONE).to_json()[1] == {"table": "gold.rfm", "action": "compact", "files": 1, "size": 0}


def test_a_result_is_one_line_with_what_is_left():
    result = UpkeepResult(DONE, DONE[:1], 1.25)

    assert rendered(UpkeepResultView(result)) == (
        "Maintenance: 3 unused files deleted, 1 small file compacted, 1.5 MB freed in 1.2 s; "
        "1 action left for the next time.\n"
    )
    assert UpkeepResultView(result).to_json()["left"] == [UpkeepPlanView(DONE).to_json()[0]]
    assert rendered(UpkeepResultView(UpkeepResult((), (), 0.1))) == "Maintenance: nothing to do.\n"


def test_expired_rows_that_wait_are_not_counted_and_say_for_which_tables():
    old = datetime(2026, 3, 1, tzinfo=UTC)
    expired = (ExpiredRows("silver.events", 1_200, old, ("gold.carts",)), ExpiredRows("silver.payments", 3, old))

    assert rendered(ExpiredRowsView(expired)) == (
        "silver.events: 1,200 rows before 2026-03-01, which gold.carts did not read yet\n"
        "silver.payments: 3 rows before 2026-03-01\n"
        "3 expired rows deleted. The others wait until they are read: run all tables, then expire again.\n"
    )
    assert ExpiredRowsView(expired[:1]).to_json()[0]["waits_for"] == ("gold.carts",)
    assert rendered(UpkeepResultView(UpkeepResult((), (), 0.1, expired[:1]))) == "Maintenance: nothing to do.\n"


def test_expired_rows_are_a_line_per_table_and_part_of_a_maintenance():
    expired = (ExpiredRows("silver.events", 1_200, datetime(2026, 3, 1, tzinfo=UTC)),)

    assert (
        rendered(ExpiredRowsView(expired))
        == "silver.events: 1,200 rows before 2026-03-01\n1,200 expired rows deleted.\n"
    )
    assert rendered(ExpiredRowsView([], is_deleted=False)) == "0 expired rows to be deleted.\n"
    assert "1,200 expired rows deleted, 0.0 kB freed" in rendered(UpkeepResultView(UpkeepResult((), (), 0.1, expired)))
