"""Commands that are killed at crash points: repeated, the lake is as if nothing had happened."""

from copy import copy
from itertools import pairwise
from math import inf
from pathlib import Path
from random import Random

import click
import pytest

from shoplake.cli.main import main
from shoplake.engine.crash_hooks import ACTIONS, CRASH_POINTS
from tools.soak.commands import COMMANDS, DAY, make_scene
from tools.soak.kill_sweep import KilledCommand, Whole, sweep
from tools.soak.power_cuts import files_in
from tools.soak.random_records import RecordMaker
from tools.soak.world import DifferenceError, World

ROOT = Path(__file__).parents[2]
READS = """
    alerts list, check, contract check, contract export, cost, deploy airflow, deploy cron, deploy dagster, deploy
    databricks, deploy dbt, deploy github, deploy pipeline, deploy systemd, describe, docs, errors, evaluate
    recommendations, explain, funnel, generate, init, keys list, lab check, lab export, lab solution, lab start,
    maintain history, maintain status, models list, models mirror, models reproduce, models show, profile, quality,
    quarantine export, quarantine list, quarantine show, quarantine waiting, report, schema, serve, spark status, spark
    stop, sql, tables, validate, verify, verify-source, versions
"""
"""Commands that write no rows to a lake."""
TESTED_ELSEWHERE = {
    "alerts ack": "tests/quality/alerts/test_incident_log.py",
    "alerts test": "tests/quality/alerts/test_alerts.py",
    "demo": "tests/reliability/crashes/test_kill.py",
    "keys create": "tests/serve/keys/test_key_store.py",
    "keys revoke": "tests/serve/keys/test_key_store.py",
    "maintain expire": "tests/operations/upkeep/test_retention.py",
    "models promote": "tests/pipeline/models/test_registry.py",
    "plan": "tests/operations/definitions/test_lake_definitions.py",
    "score churn": "tests/pipeline/models/test_scoring.py",
    "stream": "tests/conformance/test_streaming_job.py",
    "train churn": "tests/pipeline/models/test_training.py",
}
"""Commands whose interruption has tests of its own."""
POINTS_ELSEWHERE = {
    "append_rows": "tests/reliability/crashes/test_kill.py",
    "expire_rows": "tests/operations/upkeep/test_retention.py",
    "maintain_table": "tests/operations/upkeep/test_lake_upkeep.py",
    "mark_messages": "tests/quality/alerts/test_alerts.py",
    "record_messages": "tests/quality/alerts/test_alerts.py",
    "send_messages": "tests/quality/alerts/test_alerts.py",
}
"""Actions that need another lake than this scene, and the tests that end at their crash points."""


OVERWRITTEN = ["after_remove_staging", "before_finish_table"]
"""A table is overwritten, and nothing is recorded of it."""

OF_THE_DAY = {"silver/marks", "silver/visits", "gold/daily", "silver/receipts"}
"""The tables of which the rebuild of a day makes other rows."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    return make_scene(tmp_path_factory.mktemp("scene") / "world")


@pytest.fixture(scope="module")
def killed(scene, tmp_path_factory):
    """Each command, done once, with what its kills leave."""
    return {name: KilledCommand(scene, name, tmp_path_factory.mktemp("killed") / "world") for name in COMMANDS}


@pytest.mark.sample
def test_the_commands_reach_every_crash_point_that_no_other_test_has(killed):
    reached = {point for each in killed.values() for point in each.whole.reached}

    missing = {point.partition("_")[2] for point in set(CRASH_POINTS) - reached}
    assert missing == set(POINTS_ELSEWHERE)


@pytest.mark.parametrize(("action", "file"), POINTS_ELSEWHERE.items())
def test_the_test_of_another_crash_point_names_it(action, file):
    assert action in ACTIONS and action in (ROOT / file).read_text()


def test_every_command_that_writes_is_killed_here_or_has_a_test_of_its_own():
    reads = {" ".join(name.split()) for name in READS.split(",")}
    swept = {name.partition(" --")[0] for name in COMMANDS}

    assert reads | swept | set(TESTED_ELSEWHERE) == set(leaves(main, click.Context(main)))
    assert [file for file in TESTED_ELSEWHERE.values() if not (ROOT / file).is_file()] == []


def leaves(group, context, *words):
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, context, *words, name)
        else:
            yield " ".join((*words, name))


QUICK = [
    ("run", "after_merge"),
    ("apply", "after_commit"),
    ("quarantine fix", "after_ingest_batch"),
    ("maintain restore", "after_restore_table"),
]


@pytest.mark.sample
@pytest.mark.parametrize(("name", "point"), QUICK)
def test_a_command_that_is_killed_is_done_by_its_repetition(killed, name, point):
    killed[name].check(killed[name].first_at(point))


@pytest.mark.sample
def test_the_rebuild_of_a_day_by_another_rule_makes_what_the_model_says(scene, tmp_path):
    world = scene.fork(tmp_path / "world")
    rebuild = COMMANDS["run --start --end"](world)
    world.model.ingest(world.model.waiting)
    kept = world.model.tables(world.families)
    world.model.judge_days_again(DAY, DAY)

    rebuild()

    world.check()
    world.check_quarantine()
    assert {name for name, rows in world.model.tables(world.families).items() if rows != kept[name]} == OF_THE_DAY


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_killed_wherever_the_disk_changed_is_done_by_its_repetition(killed, name):
    assert sweep(killed[name], 1, inf)["kills"] == len(killed[name].kills)


@pytest.fixture(scope="module")
def small_scene(tmp_path_factory):
    return make_scene(tmp_path_factory.mktemp("small") / "scene", families=("prices",))


@pytest.fixture(scope="module")
def export(small_scene, tmp_path_factory):
    return KilledCommand(small_scene, "export", tmp_path_factory.mktemp("export") / "world")


def test_a_kill_is_of_all_crash_points_in_a_row_at_which_no_file_has_changed(small_scene, tmp_path):
    upkeep = KilledCommand(small_scene, "maintain auto", tmp_path / "world")

    assert [point for kill in upkeep.kills for point in kill.points] == upkeep.whole.reached
    disks = [files_in(kill.folder) for kill in upkeep.kills]
    assert len(disks) > 1 and all(one != next for one, next in pairwise(disks))


def test_a_sweep_without_time_left_counts_nothing(export):
    assert sweep(export, 1, 0.0) is None


@pytest.mark.parametrize("table", ["silver/prices", "silver/prices_quarantine", "silver/prices_changelog"])
def test_a_command_whose_repetition_makes_other_rows_is_found(export, table):
    rows = export.whole.rows | {table: [*export.whole.rows[table], ("one more",)]}
    other = with_values(export, whole=Whole(export.whole.reached, rows))

    with pytest.raises(DifferenceError, match=rf"export killed at \w+ \(1\) and repeated: other rows in \['{table}'\]"):
        other.check(other.kills[0])


def test_a_command_whose_repetition_makes_another_output_is_found(export):
    other = with_values(export, output={})

    with pytest.raises(DifferenceError, match=r"export killed at \w+ \(1\) and repeated: another output"):
        other.check(other.kills[0])


def with_values(command, **values):
    changed = copy(command)
    vars(changed).update(values)
    return changed


@pytest.mark.sample
def test_a_full_refresh_killed_before_its_record_is_counted_by_the_next(templates, tmp_path):
    world, maker = World(tmp_path, ("receipts",), templates["receipts",]), RecordMaker(Random(3))
    for _ in range(2):
        world.drop("receipts", maker.texts("receipts"))
        world.lake.run()
        world.drop("receipts", maker.texts("receipts"))

    world.kill(lambda: world.lake.run(full_refresh=True), lambda reached: reached[-2:] == OVERWRITTEN)
    world.lake.run(full_refresh=True)

    world.check_whole()
