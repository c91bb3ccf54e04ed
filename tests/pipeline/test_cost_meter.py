from __future__ import annotations

import pytest
from sample_lake import SampleLake
from sample_tables import mark, marks, marks_raw

from shoplake.declare.catalog import Catalog
from shoplake.engine.protocol import WriteResult
from shoplake.engine.state.ops_upkeep import COSTS
from shoplake.pipeline.cost_meter import CostMeter
from shoplake.pipeline.logged_run import run_logged
from shoplake.pipeline.run_result import TableResult


class Heard(list):
    """A listener that keeps what it is notified of."""

    def started(self, table):
        self.append(table)

    def finished(self, step):
        self.append(step.table)


@pytest.fixture(scope="module")
def sample(spark, tmp_path_factory):
    """A lake of two tables that has ingested one file."""
    made = SampleLake(spark, tmp_path_factory.mktemp("costs"), catalog=Catalog([marks_raw, marks]))
    made.drop("marks/1", mark("a"))
    run_logged(made.engine, made.catalog, made.state, made.settings)
    return made


def test_each_table_of_a_run_has_its_time_and_size(sample):
    rows = {row["table"]: row for row in sample.state.read(COSTS)}

    assert set(rows) == {"bronze.marks_raw", "silver.marks"}
    assert all(row["cpu_s"] > 0 and row["duration_s"] > 0 and row["size"] > 0 for row in rows.values())


def test_a_run_without_news_costs_no_commit(sample):
    before = sample.engine.version(COSTS)

    run_logged(sample.engine, sample.catalog, sample.state, sample.settings)

    assert sample.engine.version(COSTS) == before


def test_processor_time_is_divided_without_a_rest_and_a_table_is_one_row(sample):
    seconds, heard = iter([1.0, 3.0, 3.5, 7.0]), Heard()
    meter = CostMeter(heard, lambda: next(seconds))

    meter.started("silver.marks")
    for name, duration in (("silver.marks", 1), ("bronze.marks_raw", 2), ("silver.marks", 3)):
        meter.finished(TableResult(name, WriteResult(0, 0), duration, 0, 0))
    meter.record(sample.engine, sample.catalog, sample.state, "r", sample.state.latest())

    rows = {row["table"]: (row["cpu_s"], row["duration_s"]) for row in sample.state.read(COSTS) if row["run_id"] == "r"}
    assert rows == {"silver.marks": (5.5, 4.0), "bronze.marks_raw": (0.5, 2.0)}
    assert heard == ["silver.marks", "silver.marks", "bronze.marks_raw", "silver.marks"]
