import pytest
from rich.console import Console

from shoplake.cli.views.maintain.repair import RepairView
from shoplake.operations.integrity.repair import RepairAction

DONE = RepairAction("silver.events", "rebuilt", "from the tables that it reads")
LOST = RepairAction("bronze.events_raw", "incomplete", "no longer in the landing folder: a.json")


def printed(*actions):
    out = Console(width=200, record=True, markup=False, highlight=False)
    RepairView(list(actions)).render(out)
    return out.export_text().splitlines()


def test_each_action_is_a_line_with_what_to_do_next():
    lines = printed(DONE, LOST)

    assert lines[1].split()[:2] == ["silver.events", "rebuilt"]
    assert lines[2].split()[:2] == ["bronze.events_raw", "incomplete"]
    assert "2 tables repaired." in lines
    assert "verify" in lines[-1]


def test_where_nothing_was_wrong_one_line_says_so():
    assert printed() == ["Nothing to repair."]


@pytest.mark.parametrize(("actions", "is_success"), [([], True), ([DONE], True), ([DONE, LOST], False)])
def test_a_repair_is_a_success_unless_rows_are_lost(actions, is_success):
    assert RepairView(actions).to_json() == {
        "is_success": is_success,
        "actions": [{"table": each.table, "action": each.action, "detail": each.detail} for each in actions],
    }
