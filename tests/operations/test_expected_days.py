from datetime import UTC, date, datetime, timedelta

import pytest
from sample_tables import marks

from shoplake.declare import extend, rows_like_history
from shoplake.engine import AUDIT, GATES, StateStore
from shoplake.errors import DeclarationError
from shoplake.operations.expected_days import NoDaysError, expect_day, expect_incident
from shoplake.quality.alerts.findings import Finding
from shoplake.quality.alerts.incident_log import IncidentLog
from shoplake.quality.staged_gates import acknowledged_days

AT = datetime(2026, 11, 28, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)


@pytest.fixture
def state(tmp_path):
    made = StateStore(str(tmp_path))
    made.create_if_missing()
    return made


def test_an_expected_day_is_acknowledged_for_each_feed_and_kept_in_the_audit(state):
    table = extend("silver.marks", gates=[rows_like_history("day")]).apply(marks)

    assert expect_day(state, table, ["shop", "other"], FRIDAY, "Black Friday") == ["rows_like_history"]
    assert acknowledged_days(state) == {("silver.marks", "rows_like_history"): {"shop 2026-11-27", "other 2026-11-27"}}
    [row] = state.read(AUDIT)
    assert (row["command"], row["subject"], row["because"]) == ("expect", "silver.marks 2026-11-27", "Black Friday")


def test_a_table_that_compares_no_days_is_an_error_that_says_what_to_add(state):
    with pytest.raises(DeclarationError, match=r'no gate that compares days.*extend\("silver.marks"'):
        expect_day(state, marks, ["shop"], FRIDAY, "Black Friday")


def opened(state, kind, gate, run="r2"):
    log = IncidentLog(state, 3600)
    log.update([Finding(kind, "silver.marks", gate, 1, "Unlike.")], run, AT + timedelta(minutes=1))
    return log.incidents()[-1]


def measured(state, *rows):
    cells = {"table": "silver.marks", "gate": "rows_like_history", "value": 9.0}
    state.append(
        GATES,
        [
            cells | {"slice": slice, "status": status, "run_id": run, "recorded_at": AT + timedelta(days=days)}
            for slice, status, run, days in rows
        ],
    )


def test_the_days_of_an_incident_are_accepted_and_no_others(state):
    table = extend("silver.marks", gates=[rows_like_history("day")]).apply(marks)
    measured(
        state,
        ("shop 2026-11-20", "warn", "r1", -2),
        ("shop 2026-11-26", "pass", "r2", 0),
        ("shop 2026-11-27", "warn", "r2", 0),
        ("shop 2026-11-28", "stop", "r3", 1),
    )
    incident = opened(state, "gate", "rows_like_history")

    days = expect_incident(state, {"marks": table}, incident, "Black Friday")

    assert days == ["shop 2026-11-27", "shop 2026-11-28"]
    assert acknowledged_days(state) == {("silver.marks", "rows_like_history"): set(days)}
    assert [row["command"] for row in state.read(AUDIT)] == ["expect", "expect"]


def test_an_incident_that_a_later_run_opened_has_the_days_that_were_measured_last_before(state):
    table = extend("silver.marks", gates=[rows_like_history("day")]).apply(marks)
    measured(state, ("shop 2026-11-20", "stop", "r1", -2), ("shop 2026-11-27", "stop", "r2", 0))
    incident = opened(state, "stop", "rows_like_history", run="r9")

    assert expect_incident(state, {"marks": table}, incident, "Black Friday") == ["shop 2026-11-27"]


def test_an_incident_about_anything_else_has_no_days_to_expect(state):
    with pytest.raises(NoDaysError, match=r"is about fresh_at of silver.marks, and not about days.*Leave out"):
        expect_incident(state, {"marks": marks}, opened(state, "gate", "fresh_at"), "no")
