"""Commands that are killed at crash points: repeated, the lake is as if nothing had happened."""

from pathlib import Path
from random import Random

import click
import pytest

from shoplake.cli.main import main
from shoplake.engine.crash_hooks import ACTIONS, CRASH_POINTS
from tools.soak.commands import COMMANDS, make_scene
from tools.soak.kill_sweep import Whole, check_kill, uninterrupted
from tools.soak.random_records import RecordMaker
from tools.soak.world import DifferenceError, World

ROOT = Path(__file__).parents[2]
READS = """
    alerts list, check, contract check, contract export, cost, deploy airflow, deploy cron, deploy dagster, deploy
    databricks, deploy dbt, deploy github, deploy pipeline, deploy systemd, describe, docs, errors, evaluate
    recommendations, explain, funnel, generate, init, keys list, lab check, lab export, lab solution, lab start,
    maintain history, maintain status, models list, models mirror, models reproduce, models show, profile, quality,
    quarantine export, quarantine list, quarantine show, report, schema, serve, spark status, spark stop, sql,
    tables, validate, verify, verify-source, versions
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


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    return make_scene(tmp_path_factory.mktemp("scene") / "world")


@pytest.fixture(scope="module")
def whole(scene, tmp_path_factory):
    """What each command reaches and makes of the scene when nothing happens."""
    return {name: uninterrupted(scene, name, tmp_path_factory.mktemp("whole") / "world") for name in COMMANDS}


@pytest.mark.sample
def test_the_commands_reach_every_crash_point_that_no_other_test_has(whole):
    reached = {point for each in whole.values() for point in each.reached}

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
def test_a_command_that_is_killed_is_done_by_its_repetition(scene, whole, tmp_path, name, point):
    check_kill(scene, name, point, whole[name], tmp_path / "world")


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_killed_at_each_of_its_crash_points_is_done_by_its_repetition(scene, whole, tmp_path, name):
    for number, point in enumerate(whole[name].points):
        check_kill(scene, name, point, whole[name], tmp_path / str(number))


@pytest.mark.sample
def test_a_command_whose_repetition_makes_other_rows_is_found(scene, whole, tmp_path):
    rows = whole["clone"].rows | {"silver/marks": []}

    with pytest.raises(DifferenceError, match="clone killed at after_clone_table and repeated: other rows"):
        check_kill(scene, "clone", "after_clone_table", Whole(whole["clone"].reached, rows), tmp_path / "world")


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
