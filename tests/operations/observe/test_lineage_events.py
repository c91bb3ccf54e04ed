from __future__ import annotations

import json
import os
from threading import Event

import pytest
from sample_shop import TABLES, drop_marks, lake_landing, sample_shop
from sample_tables import drop, price

from shoplake.engine import WriteResult
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.pipeline.run_result import TableResult

from .openlineage import problems


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    """A lake, and the events of its first run, which quarantines a mark."""
    lake = sample_shop(tmp_path_factory.mktemp("lineage"), TABLES)
    drop_marks(lake, 0, "2026-03-01", "2026-03-02")
    drop(lake_landing(lake) / "marks/1.json", {"id": "canary@example.com", "at": "2026-03-01T00:00:00Z", "n": -1})
    drop(lake_landing(lake) / "prices/1.json", price("pen", "1.00", "2026-03-01T00:00:00Z"))
    events = []
    listener = lake.lineage(events.extend)
    result = lake.run(listener)
    listener.completed()
    return lake, result, events


def of(events, job, state="COMPLETE"):
    [event] = [each for each in events if each["job"]["name"] == job and each["eventType"] == state]
    return event


def test_events_are_as_openlineage_requires_and_have_no_value_of_a_record(traced):
    _, _, events = traced

    assert problems(events) == [] and len(events) > 10
    assert "canary" not in json.dumps(events)


def test_a_table_has_its_columns_inputs_counts_and_the_run_as_parent(traced):
    lake, result, events = traced
    daily = of(events, "gold.daily")
    [output] = daily["outputs"]

    assert [each["name"] for each in daily["inputs"]] == [lake.path("silver.marks"), lake.path("silver.prices")]
    assert [each["name"] for each in output["facets"]["schema"]["fields"]] == ["feed", "day", "pieces", "things"]
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 2
    assert output["facets"]["dataQualityMetrics"]["rowCount"] == 2
    assert daily["run"]["facets"]["parent"]["run"]["runId"].replace("-", "") == result.run_id


def test_bronze_is_made_from_the_landing_folder(traced):
    lake, _, events = traced

    assert [each["name"] for each in of(events, "bronze.marks_raw")["inputs"]] == [str(lake_landing(lake))]


def test_rules_are_assertions_about_the_table(traced):
    _, _, events = traced
    [checked] = of(events, "silver.marks.rules")["inputs"]

    results = {
        each["assertion"]: each["success"] for each in checked["inputFacets"]["dataQualityAssertions"]["assertions"]
    }
    assert results["n_positive"] is False and results["id_present"] is True


def test_a_run_that_fails_has_failed_with_the_table_at_work_and_a_masked_message(traced, monkeypatch):
    lake, _, _ = traced
    drop_marks(lake, 2, "2026-03-03")
    events = []
    listener = lake.lineage(events.extend)

    def fail(*_):
        raise ValueError("Cannot cast 'canary@example.com'")

    monkeypatch.setattr(DeltaEngine, "execute", fail)
    with pytest.raises(ValueError, match="canary") as failed:
        lake.run(listener)
    listener.failed(failed.value)

    assert problems(events) == []
    message = of(events, "bronze.marks_raw", "FAIL")["run"]["facets"]["errorMessage"]["message"]
    assert (
        message == of(events, "run", "FAIL")["run"]["facets"]["errorMessage"]["message"] == "ValueError: Cannot cast …"
    )


def test_events_of_a_table_are_sent_before_the_next_one_begins(traced):
    _, result, events = traced
    order = [(each["job"]["name"], each["eventType"]) for each in events]

    assert order[0] == ("run", "START") and order[-1] == ("run", "COMPLETE")
    assert order.index(("silver.marks", "COMPLETE")) < order.index(("gold.daily", "START"))
    assert events[0]["run"]["runId"].replace("-", "") == result.run_id


def test_an_inner_listener_is_notified_once_the_event_is_sent(traced):
    lake, _, _ = traced
    drop_marks(lake, 3, "2026-03-04")
    events, seen = [], []

    class Inner:
        def started(self, table):
            seen.append((table, events[-1]["job"]["name"], events[-1]["eventType"]))

        def finished(self, step):
            pass

    lake.run(lake.lineage(events.extend, Inner()))

    assert ("silver.marks", "silver.marks", "START") in seen


def test_a_second_write_to_a_table_is_another_run_of_its_job(traced):
    lake, _, _ = traced
    events = []
    listener = lake.lineage(events.extend)
    listener.begin("0" * 32)
    for _ in range(2):
        listener.started("gold.daily")
        listener.finished(TableResult("gold.daily", WriteResult(1, 1), 0.1, 2, 1))
    listener.completed()

    ids = {each["run"]["runId"] for each in events if each["job"]["name"] == "gold.daily"}
    assert len(ids) == 2 and problems(events) == []


def test_runs_of_a_watched_lake_have_events_of_their_own(traced):
    lake, _, _ = traced
    events, stop, runs = [], Event(), []
    listener = lake.lineage(events.extend)
    for number in (5, 6):
        drop_marks(lake, number, "2026-03-05")
        file = lake_landing(lake) / f"marks/{number}.json"
        os.utime(file, (0, 0))
        stop.clear()
        for result in lake.watch(stop, 0.0, listener):
            runs.append(result.run_id)
            listener.completed()
            stop.set()

    ended = [each["run"]["runId"] for each in events if (each["job"]["name"], each["eventType"]) == ("run", "COMPLETE")]
    assert [each.replace("-", "") for each in ended] == runs and len(runs) == 2


def test_an_event_that_cannot_be_sent_fails_no_run(traced, caplog):
    lake, _, _ = traced
    drop_marks(lake, 7, "2026-03-06")

    def refuse(events):
        raise OSError("disk full")

    assert lake.run(lake.lineage(refuse)).tables
    assert "a lineage event is not sent: OSError" in caplog.text
