"""The jobs of a bundle are run as Databricks runs them; their tables are those of one `shoplake run`."""

import subprocess
import sys

import pytest
from reliability.lakes import content, difference, read, versions

from .job_runner import Bundle, in_process_of

ROWS = "600"


def done(code=0):
    return subprocess.CompletedProcess([], code, "", "")


def test_the_tasks_of_the_daily_job_are_called_in_order_with_everything_resolved(bundle):
    calls = []

    def call(words):
        calls.append(words)
        return done()

    run = Bundle(bundle, "prod").run("daily", call, rows="20")

    assert (list(run.outcomes), run.has_failed) == (["ingest", "silver", "gold", "verify"], False)
    assert not any("${" in word or "{{" in word for words in calls for word in words)
    assert calls[0] == [
        *("shoplake", "shoplake-task", "--lake", "/Volumes/my_shop/ops/checkpoints", "--catalog", "my_shop"),
        *("--landing", "/Volumes/my_shop/landing/files", "--rows", "20", "run", "--layer", "bronze"),
        *("--config", f"{bundle}/shoplake.toml"),
    ]


def test_a_failing_task_fails_the_job_and_what_is_behind_it_does_not_run(bundle):
    run = Bundle(bundle, "dev").run("daily", lambda words: done("silver" in words))

    assert run.has_failed
    assert run.outcomes == {
        "ingest": "success",
        "silver": "failed",
        "gold": "upstream_failed",
        "verify": "upstream_failed",
    }


@pytest.mark.parametrize("job", ["arrival", "backfill", "stream"])
@pytest.mark.parametrize("target", ["dev", "prod"])
def test_every_other_job_resolves_too(bundle, job, target):
    words = [word for _, _, words in Bundle(bundle, target).tasks(job) for word in words]

    assert words and not any("${" in word or "{{" in word for word in words)
    assert ("my_shop_dev" in words) == (target == "dev")


@pytest.mark.slow
@pytest.mark.sample
def test_the_daily_job_on_sail_makes_the_tables_of_one_run_and_again_changes_nothing(bundle, tmp_path):
    deployed, lake = Bundle(bundle, "prod", volumes=str(tmp_path)), tmp_path / "my_shop/ops/checkpoints"
    call = in_process_of(sys.executable, tmp_path, SHOPLAKE_ENGINE="sail")

    first = deployed.run("daily", call, rows=ROWS)

    assert not first.has_failed, first.output
    assert call(one_run(bundle, tmp_path / "once", tmp_path / "my_shop/landing/files")).returncode == 0
    assert difference(content(tmp_path / "once"), content(lake)) == {}
    assert len(read(lake, "gold/last_buyers")) == 1 and len(read(lake, "silver/events")) > 300
    before = versions(lake)
    assert (deployed.run("daily", call).has_failed, versions(lake)) == (False, before)


def one_run(bundle, lake, landing):
    """The words of a task that brings all tables of another lake up to date."""
    places = ["--lake", str(lake), "--landing", str(landing)]
    return ["shoplake", "shoplake-task", *places, "run", "--config", f"{bundle}/shoplake.toml"]


@pytest.mark.slow
@pytest.mark.sample
def test_a_task_whose_command_fails_fails_the_job(bundle, tmp_path):
    call = in_process_of(sys.executable, tmp_path, SHOPLAKE_ENGINE="sail")

    run = Bundle(bundle, "prod", volumes=str(tmp_path)).run("daily", call, rows="many")

    assert run.outcomes == {"ingest": "failed"} | dict.fromkeys(("silver", "gold", "verify"), "upstream_failed")
    assert "'many' is not a valid integer" in run.output
