import json
from datetime import UTC, datetime

from shoplake.quality.alerts.message import compose, sample_message

AT = datetime(2026, 3, 1, tzinfo=UTC)


def row(id, event):
    cells = {"kind": "stop", "table": "silver.a", "check_name": "rule", "count": 3, "summary": f"{id} is wrong."}
    return {"incident_id": id, "event": event, **cells, "recorded_at": AT, "actor": "ada", "because": "secret reason"}


def test_one_message_tells_of_all_that_happened_in_a_run():
    message = compose("lake", "email", [row("a", "opened"), row("b", "opened"), row("c", "resolved")])

    assert message.subject == "shoplake lake: 2 opened, 1 ended"
    assert message.lines == ["opened: a is wrong.", "opened: b is wrong.", "ended: c is wrong."]
    assert "alerts ack a" in message.to_text() and "alerts ack c" not in message.to_text()


def test_the_same_rows_make_the_same_message_and_another_channel_another():
    rows = [row("a", "opened")]

    assert compose("lake", "email", rows) == compose("lake", "email", rows)
    assert compose("lake", "email", rows).message_id != compose("lake", "webhook:x", rows).message_id


def test_the_json_has_its_id_and_what_each_incident_is_about():
    body = json.loads((message := compose("lake", "webhook:x", [row("a", "reminded")])).body)

    assert body["id"] == message.message_id
    assert body["incidents"] == [
        {"incident_id": "a", "event": "reminded", "kind": "stop", "table": "silver.a", "check_name": "rule"}
        | {"count": 3, "summary": "a is wrong.", "at": "2026-03-01T00:00:00+00:00"}
    ]


def test_the_message_of_a_test_has_the_fields_of_any_other():
    sent, tested = compose("lake", "webhook:ops", [row("a", "opened")]), sample_message("lake", "webhook:ops", "1")

    assert json.loads(tested.body).keys() == json.loads(sent.body).keys()
    assert json.loads(tested.body)["subject"] == "shoplake lake: test of alerts"
