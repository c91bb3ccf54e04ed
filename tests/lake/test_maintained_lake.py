import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sample_shop import drop_marks, sample_shop, with_settings
from sample_tables import marks, marks_raw

from shoplake.declare import slo
from shoplake.errors import TableNotFoundError
from shoplake.pipeline.error_log import MARK
from shoplake.settings.maintenance_settings import MaintenanceSettings

ALWAYS = MaintenanceSettings(every=timedelta(0))


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A lake of two tables after six runs of one file each."""
    made = sample_shop(tmp_path_factory.mktemp("lake"), (marks_raw, marks))
    for number in range(6):
        drop_marks(made, number, "2026-03-01")
        result = made.run()
    assert result.maintenance is None
    return made


@pytest.mark.sample
def test_a_run_maintains_the_lake_at_its_end_where_that_is_due(lake):
    drop_marks(lake, 6, "2026-03-01")

    result = with_settings(lake, maintenance=ALWAYS).run()

    assert {(each.table, each.action) for each in result.maintenance.done} == {("silver.marks", "compact")}
    assert lake.maintenance_plan() == [] and lake.table("silver.marks").count() == 7
    assert lake.verify() == []


def test_a_maintenance_that_fails_leaves_the_run_done(lake, monkeypatch, caplog):
    drop_marks(lake, 7, "2026-03-01")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shoplake.operations.upkeep.lake_upkeep.LakeUpkeep.execute", fail)
    result = with_settings(lake, maintenance=ALWAYS).run()

    assert result.maintenance is None and len(result.tables) == 2
    assert "maintenance failed: Stopped: [Errno 28]" in caplog.text


def test_all_tables_are_listed_and_maintained_by_a_command(lake):
    result = lake.maintain_all()

    assert "bronze.marks_raw" in {each.table for each in lake.maintenance_status()}
    assert result.left == () and lake.maintenance_plan() == []


def test_a_lake_that_was_never_written_has_nothing_to_maintain(tmp_path):
    with pytest.raises(TableNotFoundError, match="Create it: shoplake run"):
        sample_shop(tmp_path, (marks_raw, marks)).maintain_all()


def test_a_lake_without_any_run_has_an_incident_once_it_is_stale_and_a_run_ends_it(tmp_path):
    made = sample_shop(tmp_path, (marks_raw, marks))

    assert made.check_stale(60) is None
    assert [(each.kind, each.summary) for each in made.alerts.incidents] == [
        ("stale", "No run was ever recorded; 0.0 hours are allowed.")
    ]
    drop_marks(made, 0, "2026-03-01")
    made.run()
    assert [each.state for each in made.alerts.incidents] == ["resolved"]


def test_what_a_killed_process_left_is_an_incident_that_the_run_after_the_next_ends(tmp_path):
    made = sample_shop(tmp_path, (marks_raw, marks))
    drop_marks(made, 0, "2026-03-01")
    made.run()
    mark = {"run_id": "r0", "started_at": "2026-03-02T09:30:00+00:00", "process": "another"}
    Path(made.settings.lake, MARK).write_text(json.dumps(mark))

    made.run()

    [incident] = made.alerts.incidents
    assert (incident.state, incident.summary.partition(";")[0]) == (
        "opened",
        "The run of 2026-03-02 09:30 UTC was killed",
    )
    made.run()
    assert [each.state for each in made.alerts.incidents] == ["resolved"]


def test_a_budget_that_a_run_spends_is_measured_recorded_and_an_incident(tmp_path):
    made = sample_shop(tmp_path, (marks_raw, replace(marks, gates=(slo(valid=0.5, fresh="1 day"),))))
    drop_marks(made, 0, "not a day")
    made.run()

    assert [(each.slice, each.value, each.status) for each in made.error_budgets()] == [
        ("valid rows", 2.0, "warn"),
        ("freshness", 0.0, "pass"),
    ]
    assert [each.gate for each in made.check()] == ["error_budget", "error_budget"]
    assert made.table("ops.gates").count() == 2
    [incident] = [each for each in made.alerts.incidents if each.kind == "slo"]
    assert incident.summary == "silver.marks: the error budget is spent: 200% of that for valid rows."
    assert 'shoplake_error_budget_spent{table="silver.marks",part="valid rows"} 2' in made.metrics()
