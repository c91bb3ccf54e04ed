"""Readers that know nothing of shoplake get the rows that the model says, after each step of a life."""

from importlib.util import find_spec

import pytest
from conformance.conftest import on_spark as on_spark

from tools.soak.commands import COMMANDS, make_scene
from tools.soak.model import COLUMNS
from tools.soak.readers import READERS, check_readers, spark_reader
from tools.soak.simulation import simulate
from tools.soak.world import DifferenceError

INSTALLED = [name for name in READERS if name != "Polars" or find_spec("polars")]
"""Polars is no dependency: it is compared where it is installed."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    return make_scene(tmp_path_factory.mktemp("scene") / "world")


@pytest.mark.sample
@pytest.mark.parametrize("reader", READERS)
def test_a_reader_gets_every_row_of_every_write_mode(scene, reader):
    if reader not in INSTALLED:
        pytest.skip("Polars is not installed")
    world = scene.fork(scene.folder.with_name(reader))
    world.lake.run()
    world.model.ingest(world.model.waiting)

    check_readers(world, [reader])


def test_readers_get_equal_rows_after_each_step(templates):
    assert simulate(2, 2, templates, lambda world: check_readers(world, INSTALLED)).steps


@pytest.mark.slow
@pytest.mark.parametrize("seed", [206, 213])
def test_readers_get_equal_rows_after_each_of_many_steps(seed):
    assert simulate(seed, 20, None, lambda world: check_readers(world, INSTALLED)).steps


def test_a_reader_that_misses_a_row_is_found(scene, monkeypatch):
    read = READERS["DuckDB"]
    monkeypatch.setitem(READERS, "DuckDB", lambda table, columns: read(table, columns)[1:])

    with pytest.raises(DifferenceError, match="DuckDB reads other rows of bronze/marks_raw"):
        check_readers(scene, ["DuckDB"])


@pytest.fixture
def readers(on_spark, monkeypatch):
    """The names of all readers that are here, with Spark."""
    monkeypatch.setitem(READERS, "Spark", spark_reader(on_spark))
    return [*INSTALLED, "Spark"]


@pytest.mark.slow
@pytest.mark.spark
def test_spark_gets_the_rows_that_delta_rs_gets_after_each_command(scene, tmp_path, readers):
    for name in COMMANDS:
        world = scene.fork(tmp_path / name.replace(" ", "_"))
        COMMANDS[name](world)()
        for table, rows in world.tables().items():
            found = READERS["Spark"](world.path / table, COLUMNS.get(table, ("raw",)))
            assert sorted((tuple(row.values()) for row in found), key=repr) == rows


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.parametrize("seed", [206, 207, 208, 209])
def test_spark_and_the_others_get_equal_rows_after_each_of_many_steps(seed, readers):
    life = simulate(seed, 20, None, lambda world: check_readers(world, readers))

    assert len(life.steps) == 20


@pytest.mark.slow
@pytest.mark.spark
def test_spark_that_misses_a_row_is_found(scene, readers, monkeypatch):
    read = READERS["Spark"]
    monkeypatch.setitem(READERS, "Spark", lambda table, columns: read(table, columns)[1:])

    with pytest.raises(DifferenceError, match="Spark reads other rows of bronze/marks_raw"):
        check_readers(scene, ["Spark"])
