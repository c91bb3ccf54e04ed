import pytest

from shoplake.declare import OnDemand, col, table
from shoplake.engine.session.capabilities import SAIL
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.modes.on_demand import OnDemandStrategy
from shoplake.engine.write.table_plan import FullRefresh, Partitions, RunSelection
from shoplake.errors import SchemaMismatchError

DAY = "2026-03-01"


@table(
    "gold",
    key=["feed", "day"],
    write=OnDemand(partition_by="day", command="shoplake guess"),
    partition_by=["day"],
    columns=[
        col("feed", "string", "The feed"),
        col("day", "string", "The day"),
        col("guesses", "array<double>", "All"),
    ],
)
def guesses(rows):
    """One row per guess."""
    return rows


@pytest.fixture
def engine(spark, tmp_path):
    engine = DeltaEngine(spark, str(tmp_path / "lake"), SAIL)
    engine.create_if_missing(guesses)
    return engine


def rows_of(engine):
    return sorted((row.day, *row.guesses) for row in engine.read(guesses).collect())


def test_a_command_overwrites_the_partitions_that_it_names(engine, spark):
    schema = "feed string, day string, guesses array<double>"
    for day, guess in ((DAY, 1.0), ("2026-03-02", 2.0), (DAY, 3.0)):
        rows = spark.createDataFrame([("shop", day, [guess])], schema)
        result = engine.write(guesses, rows, Partitions(frozenset({day})))

    assert rows_of(engine) == [(DAY, 3.0), ("2026-03-02", 2.0)]
    assert (result.rows_written, result.rows_replaced) == (2, 2)


@pytest.mark.parametrize("selection", [RunSelection(), RunSelection(full_refresh=True)])
def test_a_run_plans_nothing(selection):
    assert OnDemandStrategy().plan(guesses, None, selection).is_nothing


def test_the_plan_of_a_run_leaves_it_out():
    assert not guesses.write.is_written_by_runs


def test_rows_of_other_columns_are_refused(engine, spark):
    rows = spark.createDataFrame([("shop", DAY)], "feed string, day string")

    with pytest.raises(SchemaMismatchError, match="guesses is missing"):
        engine.write(guesses, rows, Partitions(frozenset({DAY})))


def test_no_other_action_is_written(engine, spark):
    rows = spark.createDataFrame([], "feed string, day string, guesses array<double>")

    with pytest.raises(ValueError, match="FullRefresh"):
        engine.write(guesses, rows, FullRefresh())
