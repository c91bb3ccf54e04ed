from __future__ import annotations

import json

import pytest
from sample_shop import TABLES, drop_marks, lake_landing, sample_shop
from sample_tables import drop, price

from shoplake.engine.write.delta_engine import DeltaEngine

from .openlineage import problems


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    """A lake, and the events of its first run, which quarantines a mark."""
    lake = sample_shop(tmp_path_factory.mktemp("lineage"), TABLES)
    drop_marks(lake, 0, "2026-03-01", "2026-03-02")
    drop(lake_landing(lake) / "marks/1.json", {"id": "canary@example.com", "at": "2026-03-01T00:00:00Z", "n": -1})
    drop(lake_landing(lake) / "prices/1.json", price("pen", "1.00", "2026-03-01T00:00:00Z"))
    listener = lake.lineage()
    result = lake.run(listener)
    return lake, result, listener.completed(result)


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
    listener = lake.lineage()

    def fail(*_):
        raise ValueError("Cannot cast 'canary@example.com'")

    monkeypatch.setattr(DeltaEngine, "execute", fail)
    with pytest.raises(ValueError, match="canary") as failed:
        lake.run(listener)
    events = listener.failed(failed.value)

    assert problems(events) == []
    message = of(events, "bronze.marks_raw", "FAIL")["run"]["facets"]["errorMessage"]["message"]
    assert (
        message == of(events, "run", "FAIL")["run"]["facets"]["errorMessage"]["message"] == "ValueError: Cannot cast …"
    )
