"""Readers that know nothing of shoplake get the rows that the model says, after each step of a life."""

from importlib.util import find_spec

import pytest
from conformance.conftest import on_spark as on_spark

from tools.soak.commands import COMMANDS, make_scene
from tools.soak.model import COLUMNS
from tools.soak.readers import READERS, check_readers
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


@pytest.mark.slow
def test_spark_gets_the_rows_that_delta_rs_gets_after_each_command(scene, tmp_path, on_spark):
    for name in ("run", "apply", "quarantine fix", "quarantine replay", "maintain optimize", "maintain restore"):
        world = scene.fork(tmp_path / name)
        COMMANDS[name](world)()
        for table, rows in world.tables().items():
            found = on_spark.read.format("delta").load(str(world.path / table)).select(*COLUMNS.get(table, ("raw",)))
            cells = (tuple(row.values()) for row in found.toArrow().to_pylist())
            assert sorted(cells, key=repr) == rows
