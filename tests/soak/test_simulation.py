"""Lives of lakes from seeds: after each step every table is what a model in plain Python says."""

from functools import cache

import pytest

from tools.soak import actions, simulation
from tools.soak.simulation import SoakError, choose_families, simulate
from tools.soak.tables import FAMILIES

FEW_STEPS = 2


@pytest.fixture(scope="module")
def lives(templates):
    """The life of each seed, lived once."""
    return cache(lambda seed: simulate(seed, 1 + seed % FEW_STEPS, templates))


QUICK = 7
"""Seeds of which one has each family alone, and one all together."""
WITH_A_KILL = 18


@pytest.mark.parametrize(
    "seed",
    [pytest.param(seed, marks=[pytest.mark.slow, pytest.mark.sample] if seed >= QUICK else ()) for seed in range(20)],
)
def test_a_life_of_a_few_steps_goes_as_the_model_says(lives, seed):
    assert len(lives(seed).steps) == 1 + seed % FEW_STEPS


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 106))
def test_a_life_of_many_steps_goes_as_the_model_says(seed):
    assert len(simulate(seed, 20).steps) == 20


def test_the_same_seed_has_the_same_steps_faults_and_crash_points(lives, templates):
    assert lives(WITH_A_KILL).killed_at
    assert simulate(WITH_A_KILL, 1 + WITH_A_KILL % FEW_STEPS, templates) == lives(WITH_A_KILL)


def test_lives_have_each_family_and_all_together():
    assert {choose_families(seed) for seed in range(QUICK)} == {*((each,) for each in FAMILIES), tuple(FAMILIES)}


def test_a_lake_that_loses_a_row_fails_with_its_seed_and_steps(templates, monkeypatch):
    run = actions.run

    def lose(world, random):
        step = run(world, random)
        return actions.Step(step.name, step.act, lambda: (step.effect(), world.model.ingested.clear()))

    monkeypatch.setattr(simulation.actions, "run", lose)

    with pytest.raises(
        SoakError, match=r"seed 1: DifferenceError: bronze/prices_raw: missing \[\], added (.|\n)*steps:"
    ):
        simulate(1, 1, templates)
