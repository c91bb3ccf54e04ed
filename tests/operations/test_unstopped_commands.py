"""Commands that a person decides are stopped by no rule and no gate; a run that is stopped applies nothing there."""

from pathlib import Path

import pytest
from pyspark.sql import functions as F
from sample_changes import TABLES, ChangingLake, changed, fill
from sample_documents import receipt, receipts, receipts_raw
from sample_lake import SampleLake
from sample_tables import CATALOG, daily, mark

from shoplake.declare import agrees, expect, extend
from shoplake.declare.catalog import Catalog
from shoplake.engine import GATES
from shoplake.operations.integrity.repair import repair
from shoplake.operations.quarantine.life_cycle import QuarantineLifeCycle
from shoplake.operations.quarantine.records import RecordFilter

NEVER = agrees("never", "SELECT 1 AS n", "SELECT 2 AS n", stop=True)


def doubled(daily):
    return daily.groupBy("feed").agg((F.sum("pieces") * 2).cast("bigint").alias("pieces"))


@pytest.fixture
def lake(spark, tmp_path):
    made = ChangingLake(spark, tmp_path)
    fill(made)
    return made


def totals(lake):
    return [row.pieces for row in lake.engine().read(TABLES["totals"]).collect()]


def test_apply_rebuilds_a_table_that_a_gate_would_stop(lake):
    lake.tables = changed("totals", build=doubled, gates=(NEVER,))

    assert "gold.totals" in lake.apply()
    assert (lake.plan(), totals(lake)) == ({}, [20])
    assert {row["status"] for row in lake.state.read(GATES)} <= {"pass", "warn"}


@pytest.mark.slow
def test_apply_evaluates_records_again_by_a_rule_that_would_stop(lake):
    stopping = expect("n_small", "n < 3", stop_above=0.0, at_least=1)
    lake.tables = changed("marks", rules=(*TABLES["marks"].rules, stopping))

    lake.apply()

    assert (lake.plan(), totals(lake)) == ({}, [3])


@pytest.mark.slow
def test_a_full_refresh_applies_no_change_of_a_table_that_it_leaves_as_it_was(lake):
    lake.tables = changed("totals", build=doubled, gates=(NEVER,))

    assert lake.run(full_refresh=True).blocked == {"gold.totals"}
    assert (lake.plan(), totals(lake)) == ({"gold.totals": "REBUILD"}, [10])


@pytest.mark.slow
def test_a_record_that_is_discarded_leaves_a_table_that_a_gate_would_stop(spark, tmp_path):
    sample = SampleLake(spark, tmp_path, catalog=Catalog([receipts_raw, receipts]))
    sample.drop("receipts/1", receipt("x", 1, 0), receipt("y", 2))
    sample.run()
    sample.catalog = sample.catalog.extended([], [extend("silver.receipts", gates=[NEVER])])

    cycle = QuarantineLifeCycle(sample.engine, sample.catalog, sample.state, sample.settings)
    cycle.discard(sample.catalog["receipts"], RecordFilter(), "a test")

    assert sample.rows(receipts, "id", "n") == [("y", 2)]


@pytest.mark.slow
def test_a_repair_rebuilds_a_table_that_a_gate_would_stop(spark, tmp_path):
    sample = SampleLake(spark, tmp_path)
    sample.drop("marks/1", mark("a"), mark("b", n=2))
    sample.run()
    before = sample.rows(daily)
    for file in Path(sample.engine.lake, daily.path).rglob("*.parquet"):
        file.unlink()
    catalog = CATALOG.extended([], [extend("gold.daily", gates=[NEVER])])

    repair(sample.engine, catalog, sample.state, sample.settings, [*catalog.values()])

    assert sample.rows(daily) == before
