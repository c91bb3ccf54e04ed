import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from shoplake.deploy.generated_files import write_generated
from shoplake.deploy.orchestrators.systemd_units import owner, quote, quote_argument, systemd_files
from shoplake.lake import Lake


def test_a_lake_has_a_service_a_timer_and_a_watch(job, project):
    files = systemd_files(job, project.parent)

    assert set(files) == {f"shoplake-pear-co{each}" for each in (".service", ".timer", "-late.service", "-late.timer")}
    assert "OnCalendar=*-*-* 03:00:00 Europe/London" in files["shoplake-pear-co.timer"]
    assert f'ExecStart=/opt/shop/bin/shoplake run --config "{project}"' in files["shoplake-pear-co.service"]
    assert f"User={owner(project)}" in files["shoplake-pear-co.service"]


def test_the_memory_is_that_of_the_settings_and_some(job, project):
    limited = replace(job, settings=replace(job.settings, memory_limit=4_000_000_000))
    unlimited = replace(job, settings=replace(job.settings, memory_limit=None))

    assert "\nMemoryMax=5000000000\n" in systemd_files(limited, project)["shoplake-pear-co.service"]
    assert "\nMemoryMax" not in systemd_files(unlimited, project)["shoplake-pear-co.service"]


def test_the_limit_of_three_tries_holds_for_the_longest_ones_and_not_for_the_next_night(job, project):
    text = systemd_files(job, project)["shoplake-pear-co.service"]
    units = {"h": 60, "min": 1}
    minutes = {name: int(n) * units[unit] for name, n, unit in re.findall(r"^(\w+Sec)=(\d+)(h|min)$", text, re.M)}
    fourth = 3 * (minutes["TimeoutStartSec"] + minutes["RestartSec"])

    assert "\nStartLimitBurst=3\n" in text
    assert fourth < minutes["StartLimitIntervalSec"] < 23 * 60  # a day on which the clocks go forward


def test_a_lake_elsewhere_can_be_written(job, project):
    elsewhere = replace(job, settings=replace(job.settings, lake="/data/lakes/shop"))

    text = systemd_files(elsewhere, project)["shoplake-pear-co.service"]

    assert f'ReadWritePaths="{project.parent}" /data/lakes' in text


def test_the_local_spark_has_folders_that_it_can_write(job, project):
    local = replace(job, settings=replace(job.settings, engine="spark", remote="local"))

    services = [text for name, text in systemd_files(local, project).items() if name.endswith(".service")]

    assert all("\nCacheDirectory=shoplake-pear-co\nStateDirectory=shoplake-pear-co\n" in text for text in services)
    assert all("XDG_CACHE_HOME=%C/shoplake-pear-co XDG_STATE_HOME=%S/shoplake-pear-co\n" in text for text in services)
    assert not any("CacheDirectory" in text for text in systemd_files(job, project).values())


@pytest.mark.parametrize(
    ("text", "word"),
    [("/srv/shop", "/srv/shop"), ("/srv/my shop", '"/srv/my shop"'), ("/50%", "/50%%"), ('/a"b', '"/a\\"b"')],
)
def test_a_path_is_one_word_of_a_unit(text, word):
    assert quote(text) == word


def test_no_variable_is_expanded_in_an_argument():
    assert quote_argument("/srv/$HOME") == "/srv/$$HOME"


@pytest.fixture(params=[None, "local"], ids=["sail", "spark"])
def units(request, tmp_path, job_of, shop):
    """The units of the shop, in a folder."""
    job = job_of(shop, executable=str(Path(sys.executable).with_name("shoplake")))
    job = replace(job, settings=replace(job.settings, remote=request.param))
    return write_generated(tmp_path, systemd_files(job, tmp_path))


@pytest.mark.slow
def test_systemd_accepts_the_units_and_the_time(units):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    [when] = re.findall(r"OnCalendar=(\*.*)", units[1].read_text())

    verified = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    calendar = subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, text=True, check=False)

    assert (verified.returncode, verified.stderr) == (0, "")
    assert calendar.returncode == 0
    assert "Europe/London" in calendar.stdout


@pytest.mark.slow
@pytest.mark.parametrize("units", [None], indirect=True)
def test_the_commands_of_the_service_build_and_verify_all_tables(units, shop):
    commands = re.findall(r"ExecStart=(.*)", units[0].read_text())

    for command in commands:
        done = subprocess.run(shlex.split(command), cwd="/", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    assert [shlex.split(command)[1] for command in commands] == ["run", "verify"]
    assert Lake.open(shop).table("gold.best_sellers").count() > 0
