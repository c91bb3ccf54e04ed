from datetime import UTC, datetime, timedelta

from shoplake.quality.alerts.incident import fold, incident_id

AT = datetime(2026, 3, 1, tzinfo=UTC)


def row(event, hours, **cells):
    base = {"incident_id": "i1", "kind": "gate", "table": "silver.a", "check_name": "g", "count": 1, "summary": "s"}
    base |= {"actor": None, "because": None}
    return base | cells | {"event": event, "recorded_at": AT + timedelta(hours=hours)}


def test_rows_in_any_order_tell_of_one_incident():
    rows = [row("resolved", 3), row("opened", 0), row("acknowledged", 1, actor="ada@shop", because="known")]

    [incident] = fold(rows).values()

    assert (incident.state, incident.is_open, incident.opened_at, incident.changed_at) == (
        "resolved",
        False,
        AT,
        AT + timedelta(hours=3),
    )
    assert (incident.actor, incident.because) == ("ada@shop", "known")


def test_a_reminder_changes_no_state_but_the_counts():
    [incident] = fold([row("opened", 0), row("reminded", 24, count=7)]).values()

    assert (incident.state, incident.count, incident.notified_at) == ("opened", 7, AT + timedelta(hours=24))


def test_each_run_opens_an_incident_of_its_own():
    subject = ("gate", "silver.a", "g")

    assert incident_id(subject, "r1") == incident_id(subject, "r1") != incident_id(subject, "r2")
    assert incident_id(("gate", "silver.ag", ""), "r1") != incident_id(subject, "r1")
