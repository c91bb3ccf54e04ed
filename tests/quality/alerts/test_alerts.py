"""Incidents, not messages: one when it opens, one when it ends, whatever becomes of process and channel."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.engine.state.ops_tables import FILES as FILES_TABLE
from shoplake.engine.state.ops_upkeep import INCIDENTS
from shoplake.engine.storage.delta_log import file_paths
from shoplake.engine.storage.durability.durable_heads import load_heads, read_head
from shoplake.errors import LakeLockedError
from shoplake.pipeline.run_result import RunResult
from shoplake.quality.alerts.alerts import Alerts
from shoplake.settings.alert_settings import AlertSettings, Webhook

from .servers import http_sink

OPENED, ENDED, STILL = ("shoplake lake: 1 opened", "shoplake lake: 1 ended", "shoplake lake: 1 still open")
POINTS = [
    f"{moment}_{action}"
    for action in ("record_incidents", "record_messages", "send_messages", "mark_messages")
    for moment in ("before", "after")
]


class KilledError(BaseException):
    """The process ends here."""


@pytest.fixture
def killed_at():
    def set_point(name):
        def hook(point):
            if point == name:
                raise KilledError

        set_crash_hook(hook)

    yield set_point
    set_crash_hook(None)


def test_one_message_when_it_opens_and_one_when_it_ends(scene, stop):
    scene.run(stop)
    scene.run(stop)
    scene.run(tables=["silver.a"])
    scene.run(tables=["silver.a"])

    assert (scene.subjects, scene.states) == ([OPENED, ENDED], ["resolved"])


def test_a_run_that_does_not_write_the_table_ends_nothing(scene, stop):
    scene.run(stop)
    scene.run(tables=["silver.b"])

    assert scene.states == ["opened"]


def test_many_runs_with_one_standing_fault_send_a_message_a_day(scene, stop):
    for _ in range(12):
        scene.run(stop)

    assert scene.subjects == [OPENED]
    scene.now += timedelta(days=1)
    scene.run(stop)
    assert scene.subjects == [OPENED, STILL]


def test_an_acknowledged_incident_is_not_reminded_of_and_its_end_is_sent(scene, stop):
    scene.run(stop)
    [incident] = scene.alerts.incidents
    scene.alerts.acknowledge(incident.incident_id[:5], "ada@shop", "supplier knows")
    scene.now += timedelta(days=2)
    scene.run(stop)
    assert (scene.states, scene.subjects) == (["acknowledged"], [OPENED])

    scene.run(tables=["silver.a"])

    assert (scene.states, scene.subjects) == (["resolved"], [OPENED, ENDED])


def test_a_fault_that_comes_back_is_another_incident(scene, stop):
    scene.run(stop)
    scene.run(tables=["silver.a"])
    scene.run(stop)

    assert (scene.states, scene.subjects) == (["resolved", "opened"], [OPENED, ENDED, OPENED])


def test_a_run_without_findings_reads_and_writes_nothing(scene, stop, monkeypatch):
    scene.run(stop)
    scene.run(tables=["silver.a"])
    monkeypatch.setattr(scene.state, "read", None)
    monkeypatch.setattr(scene.state, "append", None)

    scene.run(tables=["silver.a"])


def test_a_failed_run_is_an_incident_until_one_succeeds(scene):
    with pytest.raises(ValueError, match="canary"), scene.alerts.failures():
        raise ValueError("canary in the text of an error")
    [opened] = scene.channel.sent
    assert "canary" not in opened.body and opened.lines == ["opened: A run failed: ValueError. See shoplake errors."]

    scene.run()

    assert scene.states == ["resolved"]


def test_a_busy_lake_is_no_incident(scene):
    with pytest.raises(LakeLockedError), scene.alerts.failures():
        raise LakeLockedError("busy")

    assert scene.alerts.incidents == []


def test_a_stale_lake_is_an_incident_until_it_is_not(scene):
    assert scene.alerts.check_stale(100_000, 93_600)
    assert scene.alerts.check_stale(110_000, 93_600)
    assert not scene.alerts.check_stale(60, 93_600)

    assert (scene.states, scene.subjects) == (["resolved"], [OPENED, ENDED])


def test_a_last_run_in_the_future_says_nothing_about_when_a_run_was(scene):
    assert scene.alerts.check_stale(-100_000, 93_600) and not scene.alerts.check_stale(-60, 93_600)

    assert "The last run is 27.8 hours in the future, as a clock was wrong" in scene.channel.sent[0].lines[0]


def test_a_failing_channel_is_tried_again_with_the_same_key_but_not_at_once(scene, stop):
    scene.channel.error = ConnectionRefusedError()
    scene.run(stop)
    scene.channel.error = None
    scene.now -= timedelta(minutes=10, seconds=-30)
    scene.run(stop)
    assert (scene.subjects, scene.alerts.undelivered) == ([], 1)

    scene.run(stop)

    assert (scene.subjects, scene.alerts.undelivered) == ([OPENED], 0)


def test_a_message_that_cannot_be_delivered_for_a_week_is_given_up(scene, stop):
    scene.channel.error = ConnectionRefusedError()
    scene.run(stop)
    scene.now += timedelta(days=8)
    scene.alerts.check_stale(60, 93_600)

    assert scene.alerts.undelivered == 1  # the reminder is another message
    assert [row["status"] for row in scene.alerts._outbox.rows() if row["attempt"] == 2] == ["expired"]


@pytest.mark.parametrize("point", POINTS)
def test_a_process_that_ends_anywhere_loses_no_message_and_repeats_at_most_one(scene, stop, killed_at, point):
    killed_at(point)
    with pytest.raises(KilledError):
        scene.run(stop)
    killed_at(None)
    scene.run(stop)

    ids = [each.message_id for each in scene.channel.sent]
    assert scene.subjects[:1] == [OPENED] and len(set(ids)) == 1
    assert len(ids) == (2 if point in ("after_send_messages", "before_mark_messages") else 1)
    assert scene.states == ["opened"]


def test_an_error_of_recording_fails_no_run(scene, stop, monkeypatch, caplog):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(scene.state, "append", fail)
    scene.run(stop)

    assert "incidents are not recorded: OSError" in caplog.text


def test_files_that_wait_for_another_version_end_with_it(scene):
    def record(state):
        row = {"feed": "shop", "path": "a.json", "state": state, "recorded_at": scene.now}
        scene.state.append(FILES_TABLE, [row])

    record("unreadable")
    scene.run(unreadable=["shop/a.json"])
    scene.run()
    assert scene.states == ["opened"]

    record("ingested")
    scene.run()

    assert scene.states == ["resolved"]


def test_an_acknowledgement_ends_what_nothing_else_ends(scene):
    scene.run(misread=["a.csv"])
    [incident] = scene.alerts.incidents

    assert not scene.alerts.acknowledge(incident.incident_id, "ada@shop", "fine").is_open


def test_a_server_that_hangs_does_not_slow_a_run_by_five_seconds(scene, stop):
    released = threading.Event()
    with http_sink(released=released) as server:
        settings = AlertSettings(webhooks=(Webhook("ops", server.url),))
        alerts = Alerts(scene.state, settings, deadline_s=0.2)
        alerts.after_run(RunResult("r1", stops=[stop]))

        assert (alerts.undelivered, server.received) == (1, [])
        released.set()


def test_the_test_of_channels_records_nothing(scene):
    scene.channel.error = TimeoutError()

    assert scene.alerts.test() == {"webhook:ops": scene.channel.error}
    assert scene.alerts._outbox.rows() == []


def test_a_run_that_was_killed_is_an_incident_until_the_run_after_the_next(scene):
    scene.run(killed_at=scene.now)

    [incident] = scene.alerts.incidents
    assert (incident.check_name, scene.subjects) == ("killed", [OPENED])
    scene.run()
    assert (scene.states, scene.subjects) == (["resolved"], [OPENED, ENDED])


def test_what_is_recorded_after_a_run_is_durable(scene, stop):
    scene.run(stop)

    head = read_head(scene.state.lake, "ops/incidents")
    assert load_heads(scene.state.lake).tables["ops/incidents"] == head
    [file] = file_paths(scene.state.path(INCIDENTS))
    assert f"ops/incidents/{file}" in Path(scene.state.lake, "_checksums.sha256").read_text()


def test_a_message_that_is_sent_once_its_incident_has_ended_is_durable(scene, stop):
    scene.run(stop)
    scene.channel.error = OSError()
    scene.run(tables=["silver.a"])
    scene.channel.error, scene.now = None, scene.now + timedelta(days=1)

    scene.run(tables=["silver.a"])

    assert scene.subjects == [OPENED, ENDED]
    assert load_heads(scene.state.lake).tables["ops/outbox"] == read_head(scene.state.lake, "ops/outbox")
