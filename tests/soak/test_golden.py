"""Lakes that earlier versions packed are opened, planned, run and applied. `python -m tools.soak.golden` packs one."""

import shutil

import pytest

from shoplake.engine.storage.lake_format import FORMAT
from shoplake.operations.definitions.changes import ChangeAction
from tools.soak.commands import apply
from tools.soak.golden import FOLDER, as_text, unpack
from tools.soak.tables import FAMILIES
from tools.soak.world import World

GOLDEN = sorted(FOLDER.glob("format-*.tar.xz"))
SMALL = 200_000


def test_there_is_a_lake_of_the_current_format_and_each_is_small():
    assert FOLDER / f"format-{FORMAT}.tar.xz" in GOLDEN
    assert [path.name for path in GOLDEN if path.stat().st_size > SMALL] == []


@pytest.fixture(scope="module", params=GOLDEN, ids=lambda path: path.name.partition(".")[0])
def golden(request, tmp_path_factory):
    """A lake of another version and its rows, as it was unpacked."""
    return unpack(request.param, tmp_path_factory.mktemp("golden") / "world")


def test_an_old_lake_has_its_rows_is_sound_and_needs_no_change(golden):
    world, rows = golden

    assert {name: [*map(as_text, found)] for name, found in world.tables().items()} == rows
    assert world.lake.verify() == []
    assert {each.action for each in world.lake.plan_changes().changes} <= {ChangeAction.BASELINE}


@pytest.mark.sample
def test_an_old_lake_takes_new_files_and_another_rule_and_equals_its_rebuild(golden, tmp_path):
    world = golden[0].fork(tmp_path / "world")
    before = world.tables()

    world.lake.run()
    apply(world)()
    after = world.tables()
    world.lake.run(full_refresh=True)

    assert world.tables() == after and world.lake.verify() == []
    assert all(len(after[name]) > len(before[name]) for name in ("bronze/marks_raw", "silver/receipts"))


@pytest.mark.sample
def test_an_old_lake_that_is_applied_and_run_is_a_fresh_build_of_its_files(golden, tmp_path):
    if (golden[0].path / "_fixes").exists():
        pytest.skip("its corrections are in the lake alone, and no file has them")
    world, fresh = golden[0].fork(tmp_path / "world"), tmp_path / "fresh"
    shutil.copytree(world.landing, fresh / "landing")
    new = World(fresh, tuple(FAMILIES))

    world.lake.apply()
    world.lake.run()
    new.lake.run()

    assert world.tables() == new.tables() and world.lake.plan_changes().changes == ()
