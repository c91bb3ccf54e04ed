from datetime import timedelta

import pytest

from shoplake.quality.alerts.outbox import Outbox


@pytest.fixture
def outbox(scene):
    return Outbox(scene.state, "lake")


def row(at, id="a", event="opened"):
    cells = {"kind": "stop", "table": "silver.a", "check_name": "rule", "count": 3, "summary": "wrong"}
    return {"incident_id": id, "event": event, **cells, "recorded_at": at}


def test_what_a_message_is_about_makes_no_second_one(outbox, scene):
    outbox.enqueue([row(scene.now)], ["email"], scene.now)
    outbox.enqueue([row(scene.now), row(scene.now, "b")], ["email"], scene.now)

    assert [each.message.lines for each in outbox.waiting()] == [["opened: wrong"], ["opened: wrong"]]


def test_each_channel_has_a_message_of_its_own(outbox, scene):
    outbox.enqueue([row(scene.now)], ["email", "webhook:x"], scene.now)
    [email, _] = outbox.waiting()
    outbox.mark([email], {email.message.message_id: None}, scene.now)

    assert ([each.message.channel for each in outbox.waiting()], outbox.has_waiting) == (["webhook:x"], True)


@pytest.mark.parametrize("event", ["acknowledged", "opened"])
def test_an_acknowledgement_and_what_is_a_week_old_make_no_message(outbox, scene, event):
    outbox.enqueue([row(scene.now - timedelta(days=8), event=event)], ["email"], scene.now)
    outbox.enqueue([row(scene.now, event="acknowledged")], ["email"], scene.now)

    assert (outbox.waiting(), outbox.has_waiting) == ([], False)


def test_pauses_between_attempts_grow_to_an_hour(outbox, scene):
    outbox.enqueue([row(scene.now)], ["email"], scene.now)
    pauses = []
    for _ in range(9):
        [waiting] = outbox.waiting()
        outbox.mark([waiting], {waiting.message.message_id: OSError()}, scene.now)
        [after] = outbox.waiting()
        pauses.append(next(m for m in range(70) if after.is_due(scene.now + timedelta(minutes=m))))

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_older_messages_of_a_channel_are_tried_before_a_new_one(outbox, scene):
    outbox.enqueue([row(scene.now)], ["email", "webhook:x"], scene.now)
    outbox.mark(outbox.waiting(), {each.message.message_id: OSError() for each in outbox.waiting()}, scene.now)
    assert outbox.due(scene.now, ["email", "webhook:x"]) == []
    outbox.enqueue([row(scene.now, event="resolved")], ["email"], scene.now + timedelta(seconds=9))

    due = outbox.due(scene.now + timedelta(seconds=9), ["email", "webhook:x"])

    assert [(each.message.channel, each.message.subject) for each in due] == [
        ("email", "shoplake lake: 1 opened"),
        ("email", "shoplake lake: 1 ended"),
    ]
