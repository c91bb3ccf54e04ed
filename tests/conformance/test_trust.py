"""Corrections, replays and gates: the same on both engines."""

import json
from dataclasses import replace

import pytest
from sample_lake import SampleLake
from sample_tables import CATALOG, mark, marks

from shoplake.declare import expect, extend, rows_like_history, unique
from shoplake.declare.catalog import Catalog
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.life_cycle import QuarantineLifeCycle
from shoplake.operations.quarantine.records import RecordFilter, select_records

from .conftest import CAPABILITIES, slow_on_spark

TABLES = Catalog([CATALOG["marks_raw"], marks])


@pytest.fixture
def sample(session, name, tmp_path):
    gates = extend("silver.marks", gates=[unique("who", stop=True), rows_like_history("day", stop=True)])
    return SampleLake(session, tmp_path, CAPABILITIES[name], TABLES.extended([], [gates]))


def cycle(sample, catalog=TABLES):
    return QuarantineLifeCycle(sample.engine, catalog, sample.state, sample.settings)


@slow_on_spark
def test_a_record_is_fixed_another_replayed_and_a_repeat_stops_the_next_run(sample):
    sample.drop("marks/1", mark("a"), mark("b", n=0, who="bo"), mark("c", n=-5, who="cy"))
    assert sample.run().stops == []
    keys = {json.loads(row["record_key"])["id"]: row for row in select_records(sample.engine, marks, RecordFilter())}

    fix = FixFile.of({keys["b"]["record_id"]: json.dumps(mark("b", n=7, who="bo"))})
    fixed = cycle(sample).fix(fix, {marks: list(fix.corrections)}, "ticket 41")
    loose = Catalog([TABLES["marks_raw"], replace(marks, rules=(expect("n_positive", "n > -9"),))])
    replayed = cycle(sample, loose).replay(loose["marks"])

    assert (fixed.passed, replayed.passed) == (1, 1)
    assert sample.rows(marks, "id", "n") == [("a", 1), ("b", 7), ("c", -5)]
    sample.drop("marks/2", mark("d", "2026-03-02T09:00:00Z", who="cy"))
    assert [stop.rule for stop in sample.run().stops] == ["unique_who"]
    assert len(sample.rows(marks)) == 3
