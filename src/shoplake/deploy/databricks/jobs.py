"""The jobs of a bundle: daily, on arrival of files, backfill, stream, and what Unity Catalog knows of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.declare import LAYERS
from shoplake.deploy.databricks.references import CHECKPOINTS, LANDING, parameter, schema, variable, volume

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shoplake.deploy.databricks.bundle_source import BundleSource

Job = dict[str, Any]
ENVIRONMENT = "shoplake"
THREE_O_CLOCK = "0 0 3 * * ?"
"""Seconds, minutes, hours, day, month, weekday, as Quartz has them."""
RETRIES, RETRY_AFTER_MS = 2, 60_000
TIMEOUT_S, LATE_AFTER_S = 4 * 3600, 2 * 3600
QUIET_S, BETWEEN_TRIGGERS_S = 60, 300
CONFIG = "${workspace.file_path}/shoplake.toml"
ROWS = {"name": "rows", "default": variable("rows")}
CATALOG = {"name": "catalog", "default": variable("catalog")}


def job_files(source: BundleSource) -> dict[str, Job]:
    """Return the jobs by the file that each lies in."""
    jobs = {
        "daily": _daily(source),
        "arrival": _arrival(source),
        "backfill": _backfill(source),
        "stream": _stream(source),
        "governance": _governance(),
    }
    return {f"resources/{name}.job.yml": {"resources": {"jobs": {name: job}}} for name, job in jobs.items()}


def _daily(source: BundleSource) -> Job:
    schedule = {
        "quartz_cron_expression": THREE_O_CLOCK,
        "timezone_id": source.timezone,
        "pause_status": "UNPAUSED",
    }
    about = "Takes in new files, updates silver and gold, and verifies the lake."
    return _job("daily", about, source, _layer_tasks(), [CATALOG, ROWS], schedule=schedule)


def _arrival(source: BundleSource) -> Job:
    arrival = {
        "url": f"{volume(LANDING, variable('catalog'))}/",
        "min_time_between_triggers_seconds": BETWEEN_TRIGGERS_S,
        "wait_after_last_change_seconds": QUIET_S,
    }
    about = "Updates all tables as soon as files have arrived. Unpause it instead of the schedule."
    trigger = {"file_arrival": arrival, "pause_status": "PAUSED"}
    return _job("arrival", about, source, _layer_tasks(), [CATALOG, ROWS], trigger=trigger)


def _backfill(source: BundleSource) -> Job:
    days = ["--start", parameter("from"), "--end", parameter("to")]
    tasks = [
        _task("rebuild", ["run", *days], "Builds the days from the first to the last anew."),
        _task("verify", ["verify"], "Compares all tables with logs, checksums and totals.", after="rebuild"),
    ]
    parameters = [CATALOG, {"name": "from", "default": "2026-01-01"}, {"name": "to", "default": "2026-01-01"}]
    return _job("backfill", "Rebuilds the days of two parameters.", source, tasks, parameters)


def _stream(source: BundleSource) -> Job:
    """Return a job that starts again when it ends; one task, without a queue, is what such a job may have."""
    about = "Takes in all that is there, ends, and starts again (availableNow). Serverless has no other trigger."
    task = _task("stream", ["run"], "One pass over all new files through all tables.")
    for name in ("max_retries", "min_retry_interval_millis", "timeout_seconds"):
        task.pop(name)
    job = _job("stream", about, source, [task], [CATALOG], continuous={"pause_status": "PAUSED"})
    return {name: value for name, value in job.items() if name not in ("queue", "timeout_seconds", "health")}


def _governance() -> Job:
    parameters = {layer: schema(layer) for layer in LAYERS} | {"catalog": variable("catalog")}
    tasks = [_sql_task(f"{layer}_tables", f"tables_{number}", parameters) for number, layer in enumerate(LAYERS, 1)]
    tasks += [_sql_task(name, name, parameters, after=tasks[-1]["task_key"]) for name in ("views", "metric_views")]
    asks = {"left": parameter("masks"), "op": "EQUAL_TO", "right": "on"}
    tasks.append({"task_key": "asks_for_masks", "condition_task": asks})
    masks = _sql_task("masks", "masks", parameters)
    masks["depends_on"] = [{"task_key": "asks_for_masks", "outcome": "true"}, {"task_key": "silver_tables"}]
    return {
        "name": "${bundle.name} governance",
        "description": "Comments, keys, tags, views and metric views; masks of personal columns where masks is on.",
        "max_concurrent_runs": 1,
        "queue": {"enabled": True},
        "email_notifications": {"on_failure": [variable("alert_email")]},
        "parameters": [{"name": "masks", "default": variable("masks")}],
        "tasks": [*tasks, masks],
    }


def _layer_tasks() -> list[Job]:
    rows = ["--rows", parameter("rows")]
    return [
        _task("ingest", ["run", "--layer", "bronze"], "Takes in new files; rows simulates some first.", options=rows),
        _task("silver", ["run", "--layer", "silver"], "Cleans, deduplicates, quarantines.", after="ingest"),
        _task("gold", ["run", "--layer", "gold"], "Answers: sales, customers, funnel.", after="silver"),
        _task("verify", ["verify"], "Compares all tables with logs, checksums and totals.", after="gold"),
    ]


def _task(key: str, command: Sequence[str], about: str, *, after: str = "", options: Sequence[str] = ()) -> Job:
    catalog = parameter("catalog")
    places = ["--lake", volume(CHECKPOINTS, catalog), "--catalog", catalog, "--landing", volume(LANDING, catalog)]
    words = [*places, *options, *command, "--config", CONFIG]
    return {
        "task_key": key,
        "description": about,
        **({"depends_on": [{"task_key": after}]} if after else {}),
        "environment_key": ENVIRONMENT,
        "python_wheel_task": {"package_name": "shoplake", "entry_point": "shoplake-task", "parameters": words},
        "max_retries": RETRIES,
        "min_retry_interval_millis": RETRY_AFTER_MS,
        "timeout_seconds": TIMEOUT_S,
    }


def _sql_task(key: str, file: str, parameters: dict[str, str], *, after: str = "") -> Job:
    return {
        "task_key": key,
        **({"depends_on": [{"task_key": after}]} if after else {}),
        "sql_task": {
            "file": {"path": f"../sql/{file}.sql"},
            "warehouse_id": variable("warehouse_id"),
            "parameters": parameters,
        },
    }


def _job(
    name: str, about: str, source: BundleSource, tasks: Sequence[Job], parameters: Sequence[Job], **start: Any
) -> Job:
    """Return a job on serverless compute: one run at a time, since one process writes to a lake."""
    mail = [variable("alert_email")]
    return {
        "name": f"${{bundle.name}} {name}",
        "description": about,
        **start,
        "max_concurrent_runs": 1,
        "queue": {"enabled": True},
        "timeout_seconds": TIMEOUT_S * 2,
        "performance_target": "STANDARD",
        "email_notifications": {
            "on_failure": mail,
            "on_duration_warning_threshold_exceeded": mail,
            "no_alert_for_skipped_runs": True,
        },
        "health": {"rules": [{"metric": "RUN_DURATION_SECONDS", "op": "GREATER_THAN", "value": LATE_AFTER_S}]},
        "parameters": list(parameters),
        "environments": [
            {
                "environment_key": ENVIRONMENT,
                "spec": {"environment_version": "4", "dependencies": requirements(source)},
            }
        ],
        "tasks": list(tasks),
    }


def requirements(source: BundleSource) -> list[str]:
    """Return what the tasks install: shoplake, and the packages that the lake uses, in the versions that are here."""
    return [source.requirement, *(_pinned(name) for name in source.settings.use)]


def _pinned(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, packages_distributions, version

    top = package.split(".")[0]
    distribution = next(iter(packages_distributions().get(top, [])), top)
    try:
        return f"{distribution}=={version(distribution)}"
    except PackageNotFoundError:
        return distribution
