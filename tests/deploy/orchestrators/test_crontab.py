import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shoplake.deploy.generated_files import write_generated
from shoplake.deploy.orchestrators.crontab import cron_files
from shoplake.lake import Lake

FAKE_DATE = """#!/bin/sh
case "$*" in
    -u*) echo utc ;;
    +%H%M) echo "$NOW" | cut -d" " -f2 ;;
    *) echo "$NOW" | cut -d" " -f1 ;;
esac
"""
FAKE_SHOPLAKE = '#!/bin/sh\necho "$1 $3" >> calls\nexit "${FAILS:-0}"\n'


@pytest.fixture
def nightly(tmp_path, job_of, project):
    """A function that runs the script at a day and time of the shop; returns the result and all calls so far."""
    folder = shutil.copytree(project.parent, tmp_path / "Pear & Co")
    for name, text in {"date": FAKE_DATE, "shoplake": FAKE_SHOPLAKE}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    job = job_of(folder / "shoplake.toml", executable=str(tmp_path / "shoplake"))
    script = write_generated(folder / "cron", cron_files(job, folder / "cron"))[0]
    calls = folder / "calls"

    def run(now, **environment):
        path = f"{tmp_path}:{os.environ['PATH']}"
        done = subprocess.run(
            [script], env={"PATH": path, "NOW": now} | environment, capture_output=True, text=True, check=False
        )
        return done, calls.read_text().splitlines() if calls.exists() else []

    return run


def test_nothing_runs_before_the_time_of_the_shop(nightly):
    done, calls = nightly("2026-03-01 0259")

    assert (done.returncode, done.stdout, done.stderr, calls) == (0, "", "", [])


def test_a_day_is_run_once_with_the_settings_of_the_project(nightly, tmp_path):
    nightly("2026-03-01 0300")
    nightly("2026-03-01 0400")
    done, calls = nightly("2026-03-01 2300")

    config = tmp_path / "Pear & Co" / "shoplake.toml"
    assert calls == [f"run {config}", f"verify {config}"]
    assert (done.stdout, done.stderr) == ("", "")


def test_the_next_day_is_run_again_and_a_night_that_was_missed_is_made_up_for(nightly):
    nightly("2026-03-01 0300")
    _, calls = nightly("2026-03-02 1700")

    assert len(calls) == 4


def test_a_run_that_fails_is_reported_and_tried_again(nightly):
    failed, calls = nightly("2026-03-01 0300", FAILS="3")
    _, later = nightly("2026-03-01 0400")

    assert failed.returncode == 3
    assert "the run of 2026-03-01 failed with exit code 3; it is tried again in an hour" in failed.stderr
    assert (len(calls), len(later)) == (1, 3)


def test_cron_starts_the_script_every_hour(job, project):
    folder = project.parent / "100% cron"

    line = cron_files(job, folder)["crontab"].splitlines()[-1]

    assert line == f"0 * * * * '{folder}/shoplake-pear-co.sh'".replace("%", "\\%")


@pytest.mark.slow
def test_the_script_builds_and_verifies_all_tables(shop, job_of, tmp_path):
    job = job_of(shop, executable=str(Path(sys.executable).with_name("shoplake")), at="00:00")
    script = write_generated(tmp_path, cron_files(job, tmp_path))[0]

    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert Lake.open(shop).table("gold.best_sellers").count() > 0
