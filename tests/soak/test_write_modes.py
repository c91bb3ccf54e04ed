"""One life of all write modes: runs, a replay, a restore and a rebuild, each as the model says."""

from random import Random

import pytest

from tools.soak import actions
from tools.soak.random_records import RecordMaker
from tools.soak.world import World


@pytest.mark.sample
def test_every_write_mode_makes_the_rows_of_the_model(tmp_path):
    world, maker = World(tmp_path / "world", ("marks", "prices", "receipts")), RecordMaker(Random(8))
    for _ in range(3):
        for family in world.families:
            world.drop(family, maker.texts(family) + maker.texts(family))
        step = actions.Step("run", lambda: world.lake.run(), lambda: world.model.ingest(world.model.waiting))
        step.act()
        step.effect()
        world.check()
    world.check_quarantine()

    world.lake.run(full_refresh=True)

    world.check()
    world.check_whole()
