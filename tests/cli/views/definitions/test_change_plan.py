from io import StringIO

import pytest
from rich.console import Console

from shoplake.cli.views.definitions.change_plan import (
    NO_CHANGE,
    NOT_BUILT,
    AppliedChangesView,
    ChangePlanView,
    DefinitionView,
)
from shoplake.engine import WriteResult
from shoplake.operations.definitions.change_plan import ChangePlan
from shoplake.operations.definitions.changes import ChangeAction, TableChange
from shoplake.operations.definitions.definition import Definition
from shoplake.pipeline.run_result import TableResult


def shown(tmp_path, *changes):
    out = Console(width=200, record=True, file=StringIO())
    ChangePlanView(ChangePlan(changes, {}, {}), tmp_path / "shoplake.toml").render(out)
    return out.export_text()


@pytest.mark.parametrize(
    ("action", "sign", "amount", "work"),
    [
        (ChangeAction.REBUILD, "!", "30 days", "rebuild 30 days"),
        (ChangeAction.REPLAY, "~", "412 quarantined records", "evaluate 412 quarantined records again"),
        (ChangeAction.REEVALUATE, "~", "9 rows", "evaluate the records of 9 rows again"),
        (ChangeAction.NOTHING, "=", "", "nothing"),
        (ChangeAction.BUILD, "+", "", "build"),
        (ChangeAction.DROP, "-", "", "move to _trash"),
    ],
)
def test_a_change_is_one_line_with_its_sign_and_its_work(tmp_path, action, sign, amount, work):
    line = shown(tmp_path, TableChange("gold.t", action, ("why", "and why"), (), amount)).splitlines()[0]

    assert line.split()[:2] == [sign, "gold.t"]
    assert "why; and why" in line and line.rstrip().endswith(work)


def test_a_plan_without_changes_is_one_sentence(tmp_path):
    assert shown(tmp_path) == f"{NO_CHANGE}\n"


def test_the_next_step_is_named_only_where_there_is_one(tmp_path):
    assert "apply" in shown(tmp_path, TableChange("gold.t", ChangeAction.REBUILD, ("why",)))
    assert "apply" not in shown(tmp_path, TableChange("gold.t", ChangeAction.NOTHING, ("why",)))


def test_tables_that_are_only_not_built_yet_are_built_by_a_run(tmp_path):
    build, comment = (TableChange("gold.t", each, ("why",)) for each in (ChangeAction.BUILD, ChangeAction.COMMENT))

    assert NOT_BUILT in shown(tmp_path, build) and "shoplake run" in shown(tmp_path, build)
    assert NOT_BUILT not in shown(tmp_path, build, comment) and "shoplake apply" in shown(tmp_path, build, comment)


def test_the_plan_as_json_has_the_command_to_type():
    plans = ([ChangeAction.NOTHING], [ChangeAction.BUILD], [ChangeAction.REBUILD, ChangeAction.BUILD])
    changes = [tuple(TableChange("gold.t", action, ("why",)) for action in actions) for actions in plans]

    found = [ChangePlanView(ChangePlan(each, {}, {})).to_json() for each in changes]

    assert [each["next_command"] for each in found] == [None, "run", "apply"]


def test_a_detail_has_the_fields_that_differ():
    before = Definition("gold.t", (("a", "int", "A"),), ("a",), "Replace()", ())
    after = Definition("gold.t", (("a", "bigint", "A"),), ("a",), "Replace()", ())

    view = DefinitionView(ChangePlan((), {"gold.t": before}, {"gold.t": after}), "gold.t")

    assert view.to_json() == {"columns": {"recorded": before.columns, "current": after.columns}}


def test_a_table_that_was_written_twice_is_counted_once():
    steps = [TableResult("gold.t", WriteResult(1, 1), 0.1, 1, version) for version in (1, 2)]
    view = AppliedChangesView(ChangePlan((), {}, {}), steps, 2.0)
    out = Console(width=200, record=True, file=StringIO())

    view.render(out)

    assert out.export_text() == "Applied: 1 table written in 2.0 s.\n"
    assert [each["version"] for each in view.to_json()["tables"]] == [1, 2]
