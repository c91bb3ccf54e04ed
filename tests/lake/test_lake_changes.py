from __future__ import annotations

import shutil

import pytest
from few_tables import FILES, few_tables

from shoplake import Lake
from shoplake.engine.state.ops_tables import DEFINITIONS
from shoplake.engine.storage.durability.durable_heads import forget_heads
from shoplake.engine.storage.locks.lease import Lease
from shoplake.errors import LakeLockedError, PendingChangesError, SettingsError
from shoplake.feeds import KINDS
from shoplake.settings import load
from shoplake.simulate import generate

SETTINGS = '[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "Europe/London"\ncurrency = "GBP"\n'


@pytest.fixture(scope="module", autouse=True)
def few():
    """Lakes have some tables that a time zone changes, and one that it does not."""
    with few_tables((*FILES, "funnel_daily")):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small shop's lake, filled; its settings say another currency since."""
    made = tmp_path_factory.mktemp("shop")
    (made / "shoplake.toml").write_text(SETTINGS)
    generate(made / "landing", events=200, customers=20, products=10, days=2, seed=4)
    Lake.open(made / "shoplake.toml").run()
    (made / "shoplake.toml").write_text(SETTINGS.replace("London", "Paris"))
    return made


@pytest.fixture
def lake(folder):
    return Lake.open(folder / "shoplake.toml")


def test_a_lake_plans_what_its_settings_mean(lake):
    breaking = lake.plan_changes().breaking

    assert "silver.events" in breaking and "silver.customers" not in breaking


def test_neither_a_run_nor_a_watch_mixes_two_definitions(lake):
    from threading import Event

    with pytest.raises(PendingChangesError):
        lake.run()
    with pytest.raises(PendingChangesError):
        next(lake.watch(Event()))


def test_apply_needs_the_lease_and_a_plan_does_not(lake):
    with Lease(lake.settings.lake, "shoplake run"), pytest.raises(LakeLockedError):
        lake.apply()
    with Lease(lake.settings.lake, "shoplake run"):
        assert not lake.plan_changes().is_empty


@pytest.mark.slow
def test_a_quarantine_command_does_not_hide_a_change_that_is_taken_back(folder, tmp_path):
    file = shutil.copytree(folder, tmp_path / "copy") / "shoplake.toml"
    with Lake.open(file).quarantine_life_cycle():
        pass  # it may write rows by the settings of now
    file.write_text(SETTINGS)

    assert "silver.events" in Lake.open(file).plan_changes().breaking


@pytest.mark.slow
def test_after_apply_a_lake_is_as_its_settings_say_and_well(lake):
    written = {step.table for step in lake.apply()}

    assert "silver.events" in written
    assert lake.plan_changes().is_empty and lake.verify() == []
    assert lake.run().tables == []


def test_a_lake_of_an_earlier_version_is_verified_and_runs(folder, tmp_path):
    lake = Lake.open(shutil.copytree(folder, tmp_path / "copy") / "shoplake.toml")
    shutil.rmtree(lake.path(DEFINITIONS.qualified_name))
    forget_heads(lake.settings.lake, [DEFINITIONS.path])

    assert lake.verify() == []
    assert lake.run().tables == []
    assert lake.plan_changes().changes == ()


@pytest.mark.slow
def test_lost_definitions_are_damage_and_restored_by_a_repair(folder, tmp_path):
    lake = Lake.open(shutil.copytree(folder, tmp_path / "copy") / "shoplake.toml")
    shutil.rmtree(lake.path(DEFINITIONS.qualified_name))

    assert {problem.table for problem in lake.verify()} == {"ops.definitions"}
    assert all(action.is_success for action in lake.repair())
    assert lake.verify() == []


@pytest.mark.parametrize(("text", "on_change"), [("", "refuse"), ('[plan]\non_change = "apply"\n', "apply")])
def test_a_run_refuses_changes_unless_the_settings_apply_them(tmp_path, text, on_change):
    (tmp_path / "shoplake.toml").write_text(text + SETTINGS)

    assert load(tmp_path / "shoplake.toml", KINDS).on_change == on_change


def test_an_unknown_value_of_on_change_is_refused_with_the_nearest(tmp_path):
    (tmp_path / "shoplake.toml").write_text(f'[plan]\non_change = "aply"\n{SETTINGS}')

    with pytest.raises(SettingsError, match=r"plan\.on_change = 'aply'\. Did you mean 'apply'"):
        load(tmp_path / "shoplake.toml", KINDS)
