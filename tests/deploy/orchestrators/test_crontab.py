import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from shoplake.deploy.generated_files import write_generated
from shoplake.deploy.orchestrators.crontab import cron_files
from shoplake.lake import Lake

FAKE_DATE = """#!/bin/sh
case "$*" in
    *-d*) exec REAL "$@" ;;
    *) exec REAL -d "TZ=\\"Europe/London\\" $NOW" "$@" ;;
esac
""".replace("REAL", shutil.which("date") or "date")
FAKE_SHOPLAKE = '#!/bin/sh\necho "$1 $3" >> calls\nexit "${FAILS:-0}"\n'


@pytest.fixture
def nightly(tmp_path, job_of, project, request):
    """A function that runs the script at a day and time of the shop; returns the result and all calls so far."""
    folder = shutil.copytree(project.parent, tmp_path / "Pear & Co")
    for name, text in {"date": FAKE_DATE, "shoplake": FAKE_SHOPLAKE}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    job = job_of(folder / "shoplake.toml", executable=str(tmp_path / "shoplake"), at=getattr(request, "param", "03:00"))
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
    done, calls = nightly("2026-03-01 02:59")

    assert (done.returncode, done.stdout, done.stderr, calls) == (0, "", "", [])


def test_a_day_is_run_once_with_the_settings_of_the_project(nightly, tmp_path):
    nightly("2026-03-01 03:00")
    nightly("2026-03-01 04:00")
    done, calls = nightly("2026-03-01 23:00")

    config = tmp_path / "Pear & Co" / "shoplake.toml"
    assert calls == [f"run {config}", f"verify {config}"]
    assert (done.stdout, done.stderr) == ("", "")


def test_the_next_day_is_run_again_and_a_night_that_was_missed_is_made_up_for(nightly):
    nightly("2026-03-01 03:00")
    _, calls = nightly("2026-03-02 17:00")

    assert len(calls) == 4


def test_a_run_that_fails_is_reported_and_tried_again(nightly):
    failed, calls = nightly("2026-03-01 03:00", FAILS="1")
    again, _ = nightly("2026-03-01 04:00", FAILS="1")
    _, later = nightly("2026-03-01 05:00")

    assert failed.returncode == 1
    assert "the run of 2026-03-01 failed with exit code 1; it is tried again in an hour" in failed.stderr
    assert (again.stderr != "", len(calls), len(later)) == (True, 1, 4)


@pytest.mark.parametrize("code", ["2", "3", "4"])
def test_what_somebody_has_to_mend_is_tried_every_hour_and_reported_once_a_day(nightly, code):
    times = "01 03:00", "01 04:00", "02 02:00", "02 03:00", "02 04:00"
    tries = [nightly(f"2026-03-{time}", FAILS=code) for time in times]
    mended, calls = nightly("2026-03-02 05:00")

    reported = [f"exit code {code}; it is tried again every hour" in done.stderr for done, _ in tries]
    assert reported == [True, False, False, True, False]
    assert ({done.returncode for done, _ in tries}, mended.returncode, len(calls)) == ({int(code)}, 0, 7)


@pytest.mark.parametrize("nightly", ["23:30"], indirect=True)
def test_a_time_late_in_the_day_is_met_by_the_first_start_of_the_next(nightly):
    before, first, later = (nightly(f"2026-03-{now}")[1] for now in ("01 23:00", "02 00:00", "02 23:00"))
    _, next_day = nightly("2026-03-03 00:00")

    assert (len(before), len(first), len(later), len(next_day)) == (0, 2, 2, 4)


@pytest.mark.parametrize("nightly", ["23:30"], indirect=True)
@pytest.mark.parametrize("change", ["2026-03-29", "2026-10-25"])
def test_each_day_has_one_run_where_clocks_change(nightly, change):
    day = date.fromisoformat(change)
    nightly(f"{day - timedelta(1)} 23:30")

    calls = [nightly(f"{day} {hour}:30")[1] for hour in ("00", "03", "04", "23")]
    _, past_midnight = nightly(f"{day + timedelta(1)} 00:10")

    assert [len(each) for each in (*calls, past_midnight)] == [2, 2, 2, 4, 4]


def test_a_night_that_fails_until_midnight_is_tried_after_it(nightly):
    nightly("2026-03-01 03:00", FAILS="1")
    failed, _ = nightly("2026-03-02 01:00", FAILS="1")
    nightly("2026-03-02 02:00")
    _, calls = nightly("2026-03-02 03:00")

    assert "the run of 2026-03-01 failed" in failed.stderr
    assert len(calls) == 6


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
