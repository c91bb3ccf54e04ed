from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fakes import FakeStateStore

from shoplake.operations.observe.lake_metrics import lake_metrics
from shoplake.operations.observe.prometheus import render_metrics

from .exposition import parse

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def gate(status, at=NOW, table="silver.events", slice_="shop"):
    return {"table": table, "gate": "fresh", "slice": slice_, "status": status, "recorded_at": at}


def file(feed, hours, state="ingested"):
    return {"feed": feed, "state": state, "modified_at": NOW - hours * HOUR}


def measured(monkeypatch, recorded_at=NOW + HOUR, **rows):
    monkeypatch.setattr("shoplake.operations.observe.lake_metrics.table_exists", lambda _: True)
    monkeypatch.setattr("shoplake.operations.observe.lake_metrics.last_commit_at", lambda _: recorded_at)
    state = FakeStateStore({("checksums", "run"): 1_772_452_800_000_000}, **rows)
    return parse(render_metrics(lake_metrics(None, state, [], {"silver.events": 3}, NOW)))


def test_a_run_by_a_clock_that_was_ahead_succeeded_when_it_was_recorded(monkeypatch):
    samples = measured(monkeypatch, recorded_at=NOW - 24 * HOUR)

    assert samples["shoplake_last_success_timestamp_seconds", ()] == (NOW - 24 * HOUR).timestamp()


def test_lag_is_the_age_of_the_newest_ingested_file_of_each_feed(monkeypatch):
    files = [file("a", 3), file("a", 2), file("a", 1, "rejected"), file("b", 5), file("c", -1)]

    samples = measured(monkeypatch, files=files)

    lags = {dict(labels)["feed"]: value for (name, labels), value in samples.items() if name == "shoplake_lag_seconds"}
    assert lags == {"a": 7_200, "b": 18_000, "c": 0}
    assert samples["shoplake_last_success_timestamp_seconds", ()] == 1_772_452_800
    assert samples["shoplake_quarantine_open", (("table", "silver.events"),)] == 3


def test_a_gate_has_the_worst_status_of_its_last_run(monkeypatch):
    gates = [gate("stop", NOW - HOUR), gate("pass"), gate("warn", slice_="other"), gate("pass", table="gold.rfm")]

    samples = measured(monkeypatch, gates=gates)

    status = {dict(key[1])["table"]: value for key, value in samples.items() if key[0] == "shoplake_gate_status"}
    assert status == {"silver.events": 1, "gold.rfm": 0}
