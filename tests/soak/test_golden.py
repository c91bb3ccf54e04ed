"""Lakes that earlier versions packed are opened, planned, run and applied. `python -m tools.soak.golden` packs one."""

import shutil
from datetime import UTC, datetime

import pytest

from shoplake.engine.storage.lake_format import FORMAT
from shoplake.errors import IncompatibleLakeError
from shoplake.operations.definitions.changes import ChangeAction
from tools.soak.commands import apply
from tools.soak.golden import FOLDER, as_text, unpack
from tools.soak.power_cuts import files_in
from tools.soak.tables import FAMILIES
from tools.soak.world import World

ARCHIVES = sorted(FOLDER.glob("format-*.tar.xz"))
GOLDEN = [path for path in ARCHIVES if path.name.startswith(f"format-{FORMAT}")]
REFUSED = [path for path in ARCHIVES if path not in GOLDEN]
"""Lakes of another format."""
SOME_QUICK = [
    pytest.param(path, marks=() if path in (GOLDEN[0], GOLDEN[-1]) else pytest.mark.sample) for path in GOLDEN
]
"""The oldest and the current one are among the quick tests."""
SMALL = 200_000
ACTIONS = {
    "run": lambda lake: lake.run(),
    "run --full-refresh": lambda lake: lake.run(full_refresh=True),
    "plan": lambda lake: lake.plan_changes(),
    "apply": lambda lake: lake.apply(),
    "verify": lambda lake: lake.verify(),
    "repair": lambda lake: lake.repair(),
    "sql": lambda lake: lake.sql("SELECT * FROM silver.marks").to_arrow(),
    "maintain auto": lambda lake: lake.maintain_all(),
    "maintain restore": lambda lake: lake.restore(datetime.now(UTC)),
    "clone": lambda lake: lake.clone(f"{lake.settings.lake}-clone"),
}
"""What users do first with a lake, or do to it."""
REBUILT = {"silver.marks", "silver.prices", "silver.receipts"}
"""Tables whose plan has changed since: what one record says of money is less than ten billion, and times are of the
years 1 to 9999.
"""


def test_there_is_a_lake_of_the_current_format_and_each_is_small():
    assert FOLDER / f"format-{FORMAT}.tar.xz" in GOLDEN
    assert [path.name for path in ARCHIVES if path.stat().st_size > SMALL] == []


@pytest.fixture(scope="module", params=SOME_QUICK, ids=lambda path: path.name.partition(".")[0])
def golden(request, tmp_path_factory):
    """A lake of another version and its rows, as it was unpacked."""
    return unpack(request.param, tmp_path_factory.mktemp("golden") / "world")


def test_an_old_lake_has_its_rows_is_sound_and_needs_no_change_that_is_not_known(golden):
    world, rows = golden

    assert {name: [*map(as_text, found)] for name, found in world.tables().items()} == rows
    assert world.lake.verify() == []
    changes = {each.table: each.action for each in world.lake.plan_changes().changes}
    assert {table for table, action in changes.items() if action is ChangeAction.REBUILD} <= REBUILT
    assert {*changes.values()} <= {
        ChangeAction.BASELINE,
        ChangeAction.NOTHING,
        ChangeAction.REBUILD,
        ChangeAction.UPDATE,
    }


@pytest.mark.sample
def test_an_old_lake_takes_new_files_and_another_rule_and_equals_its_rebuild(golden, tmp_path):
    world = golden[0].fork(tmp_path / "world")
    before = world.tables()

    world.lake.apply()
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


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("archive", REFUSED, ids=lambda path: path.name.partition(".")[0])
def test_a_lake_of_another_format_is_refused_with_what_to_do_and_no_file_changes(archive, action, tmp_path):
    world, _ = unpack(archive, tmp_path / "world")
    before = files_in(world.folder)

    with pytest.raises(
        IncompatibleLakeError, match=r"its format is 1, this version's is 2.*shoplake run --full-refresh"
    ):
        ACTIONS[action](world.lake)

    assert files_in(world.folder) == before
