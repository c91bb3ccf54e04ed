from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sample_lake import SampleLake
from sample_tables import mark, marks, marks_raw

from shoplake.declare import warn
from shoplake.declare.catalog import Catalog
from shoplake.engine.session.error_mapping import retry_on_conflict
from shoplake.engine.state.ops_upkeep import ERRORS
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.table_location import PathTable
from shoplake.errors import CommitError
from shoplake.pipeline.error_log import KILLED, MARK, mask_values, read_mark, summarize_errors
from shoplake.pipeline.logged_run import run_logged


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        ("Cannot cast 'ada@example.com' to INT\nat line 2", "Cannot cast … to INT"),
        ("row of ada@example.com, +44 20 7946 0958", "row of …, +… … … …"),
        ('value "17850.0" at `customers`.`phone`', "value … at ….…"),
        ("No space left on device", "No space left on device"),
        ("", ""),
    ],
)
def test_what_may_be_a_value_of_a_record_is_masked(message, masked):
    assert mask_values(message) == masked


def test_a_secret_of_the_environment_is_masked(monkeypatch):
    monkeypatch.setenv("SHOPLAKE_SPARK_TOKEN", "canary-token")

    assert "canary" not in mask_values("refused canary-token there")


@pytest.fixture(scope="module")
def sample(spark, tmp_path_factory):
    """A lake of two tables, with a file that no run has ingested."""
    made = SampleLake(spark, tmp_path_factory.mktemp("errors"), catalog=Catalog([marks_raw, marks]))
    made.run()
    made.drop("marks/1", mark("a"))
    return made


def run(sample):
    return run_logged(sample.engine, sample.catalog, sample.state, sample.settings)


def test_an_error_is_recorded_with_its_table_and_seen_again(sample, monkeypatch):
    def fail(*_):
        raise ValueError("Cannot cast 'ada@example.com' to INT")

    monkeypatch.setattr(DeltaEngine, "execute", fail)
    for _ in range(2):
        with pytest.raises(ValueError, match="Cannot cast"):
            run(sample)

    [found] = summarize_errors(sample.state)
    assert (found.table, found.kind, found.times) == ("bronze.marks_raw", "ValueError", 2)
    assert (found.message, found.location) == ("Cannot cast … to INT", "shoplake.engine.write.delta_engine.write")
    assert found.first_at < found.last_at
    assert "ada@" not in str(sample.state.read(ERRORS))


def test_an_error_of_the_engine_is_recorded_with_the_function_that_asked_it(spark, tmp_path):
    odd = warn("odd", "extract(DAYOFWEEK FROM DATE '2026-01-01') > 0")
    sample = SampleLake(spark, tmp_path, catalog=Catalog([marks_raw, replace(marks, rules=(odd,))]))
    sample.drop("marks/1", mark("a"))

    with pytest.raises(CommitError, match=r"^silver\.marks: .* 'DAYOFWEEK' not supported"):
        run(sample)

    [found] = summarize_errors(sample.state)
    assert (found.table, found.kind) == ("silver.marks", "CommitError")
    assert found.location.startswith("shoplake.engine.write.")


def test_a_write_that_fails_is_recorded_with_the_function_that_wrote(spark, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    sample = SampleLake(spark, tmp_path, catalog=Catalog([marks_raw]))
    sample.drop("marks/1", mark("a"))
    monkeypatch.setattr(PathTable, "append", lambda *_: retry_on_conflict(fail))
    with pytest.raises(CommitError, match=r"^bronze\.marks_raw: Write failed"):
        run(sample)

    assert summarize_errors(sample.state)[0].location.startswith("shoplake.engine.write.table_writer.")


def test_an_error_that_cannot_be_recorded_is_raised_as_it_is(sample, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DeltaEngine, "execute", fail)
    monkeypatch.setattr(type(sample.state), "append", fail)

    with pytest.raises(OSError, match="No space left"):
        run(sample)


def test_a_stop_by_the_user_is_no_error(sample, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    before = sample.state.read(ERRORS)
    monkeypatch.setattr(DeltaEngine, "execute", stop)
    with pytest.raises(KeyboardInterrupt):
        run(sample)

    assert sample.state.read(ERRORS) == before


def test_a_run_that_was_killed_is_recorded_once_by_the_next(sample):
    mark = {"run_id": "r0", "started_at": "2026-03-09T12:00:00+00:00", "process": "another"}
    for _ in range(2):
        Path(sample.state.lake, MARK).write_text(json.dumps(mark))
        run(sample)

    [found] = [each for each in summarize_errors(sample.state) if each.kind == KILLED]
    assert (found.times, found.last_run_id, found.first_at) == (1, "r0", datetime(2026, 3, 9, 12, tzinfo=UTC))
    assert read_mark(sample.state.lake) is None
