"""Steps of a life that are left out, because the model does not know what the lake does."""

import json
import random
from datetime import timedelta

import pytest

from tools.soak import actions
from tools.soak.world import World


@pytest.mark.parametrize(("jump", "is_possible"), [(timedelta(), True), (-timedelta(hours=1), False)])
def test_no_restore_goes_back_to_before_decisions_that_a_clock_dated_before(tmp_path, templates, jump, is_possible):
    world = World(tmp_path, ("marks",), templates["marks",])
    world.drop("marks", [json.dumps({"id": "a", "at": "2026-03-01T09:00:00Z", "who": "ada", "n": "x"})])
    world.lake.run()
    world.model.ingest(world.model.waiting)
    world.remember()
    world.jump, world.is_disturbed = jump, True
    step = actions.discard(world, random.Random(1))
    assert step is not None

    with world.clock():
        step.act()
    step.effect()

    assert (actions.restore(world, random.Random(1)) is not None) == is_possible


def test_no_restore_goes_back_to_a_lake_without_rows(tmp_path, templates):
    world = World(tmp_path, ("prices",), templates["prices",])
    world.lake.run()
    world.remember()

    assert actions.restore(world, random.Random(1)) is None
