"""Commands that write what runs a lake every night: deploy dagster, airflow, systemd, cron."""

from __future__ import annotations

import sys
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import FOLDER, config_option, json_option, open_lake

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shoplake.deploy.orchestrators.nightly_job import NightlyJob

    Render = Callable[[NightlyJob, Path], dict[str, str]]
    NextSteps = Callable[[NightlyJob, Path], Sequence[str]]


def _check_zone(ctx: click.Context, parameter: click.Parameter, zone: str | None) -> str | None:
    from shoplake.settings import check_zone

    try:
        return zone and check_zone(zone)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _job_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that all orchestrators have."""
    options = (
        click.option("--out", type=FOLDER, required=True, help="Folder to write into."),
        click.option("--at", default="03:00", show_default=True, metavar="HH:MM", help="Time of the shop's day."),
        click.option("--timezone", callback=_check_zone, help="Time zone of that time.  [default: that of the feeds]"),
        click.option(
            "--executable", default=_installed(), help="Path of shoplake where it will run.  [default: this one]"
        ),
        click.option("--name", help="Name of the lake among others on the machine.  [default: the project's folder]"),
        click.option("--force", is_flag=True, help="Overwrite files that are not generated."),
        config_option,
        json_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def _installed() -> str:
    """Return the path of the command of this environment."""
    return str(Path(sys.executable).with_name("shoplake"))


def _write(
    render: Render, next_steps: NextSteps, out: Path, config: Path, *, force: bool, as_json: bool, **job: Any
) -> None:
    """Write the files of one orchestrator, and print what to do with them."""
    lake = open_lake(config)
    lake.settings.check_runnable()
    from shoplake.cli.output import emit
    from shoplake.cli.views.deploy.generated_files import GeneratedFilesView
    from shoplake.deploy.generated_files import write_generated
    from shoplake.deploy.orchestrators.nightly_job import nightly_job

    planned = nightly_job(config, lake.settings, lake.catalog, **job)
    files = write_generated(out, render(planned, out), force=force)
    emit(GeneratedFilesView(files, next_steps(planned, out)), as_json)


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake deploy dagster --out orchestration")
@_job_options
def dagster(out: Path, **options: Any) -> None:
    """Write Dagster definitions: assets, asset checks, a daily job."""
    from shoplake.deploy.orchestrators.dagster_definitions import FILE, dagster_files

    file = quote(str(out / FILE))
    steps = ("pip install dagster dagster-webserver   # beside shoplake", f"dagster dev -f {file}")
    _write(dagster_files, lambda job, out: steps, out, **options)


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake deploy airflow --out ~/airflow/dags")
@_job_options
def airflow(out: Path, **options: Any) -> None:
    """Write an Airflow 3 DAG: a daily run, an asset per table."""
    from shoplake.deploy.orchestrators.airflow_dag import airflow_files, dag_id, file_name

    def steps(job: NightlyJob, out: Path) -> Sequence[str]:
        return (f"python {quote(str(out / file_name(job)))}", f"airflow dags test {dag_id(job)}")

    _write(airflow_files, steps, out, **options)


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake deploy systemd --out units")
@_job_options
def systemd(out: Path, **options: Any) -> None:
    """Write systemd units: a service and a timer, and a watch."""
    from shoplake.deploy.orchestrators.systemd_units import systemd_files

    def steps(job: NightlyJob, out: Path) -> Sequence[str]:
        folder = quote(str(out))
        timers = f"{job.name}.timer {job.name}-late.timer"
        return (
            f"systemd-analyze verify {folder}/{job.name}*",
            f"sudo cp {folder}/{job.name}* /etc/systemd/system/",
            f"sudo systemctl daemon-reload && sudo systemctl enable --now {timers}",
        )

    _write(systemd_files, steps, out, **options)


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake deploy cron --out cron")
@_job_options
def cron(out: Path, **options: Any) -> None:
    """Write a crontab and the script that it starts."""
    from shoplake.deploy.orchestrators.crontab import cron_files

    def steps(job: NightlyJob, out: Path) -> Sequence[str]:
        return (quote(str(out / f"{job.name}.sh")), f"(crontab -l; cat {quote(str(out / 'crontab'))}) | crontab -")

    _write(cron_files, steps, out, **options)


COMMANDS = (dagster, airflow, systemd, cron)
