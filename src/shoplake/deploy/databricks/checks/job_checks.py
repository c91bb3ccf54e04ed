"""Checks of one job of a bundle: its start, its tasks, and what they run on."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from shoplake.deploy.databricks.checks.mistake import Mistake
from shoplake.deploy.databricks.checks.reference_checks import unknown_parameters
from shoplake.errors import hint
from shoplake.settings import check_zone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    Values = Mapping[str, Any]

STARTS = ("schedule", "trigger", "continuous")
CLUSTERS = ("job_cluster_key", "existing_cluster_id", "new_cluster")
QUARTZ_FIELDS = (6, 7)


def check_job(file: str, name: str, job: Values, folder: Path) -> Iterator[Mistake]:
    """Yield the mistakes of one job; paths of files are relative to `file` in `folder`."""
    yield from (Mistake(file, name, message) for message in _start(job))
    tasks = job.get("tasks") or []
    keys = [task.get("task_key", "") for task in tasks]
    environments = [each.get("environment_key", "") for each in job.get("environments") or []]
    for task in tasks:
        place = f"{name}.{task.get('task_key', '?')}"
        messages = [*_dependencies(task, keys), *_compute(task, environments), *_parameters(task)]
        yield from (Mistake(file, place, message) for message in messages)
        if (path := _path(task)) and not (folder / file).parent.joinpath(path).is_file():
            yield Mistake(file, place, f"there is no file {path}.")
    yield from (Mistake(file, name, message) for message in (*_cycle(tasks, keys), *unknown_parameters(job)))


def _start(job: Values) -> Iterator[str]:
    starts = [name for name in STARTS if name in job]
    if len(starts) > 1:
        yield f"it has {' and '.join(starts)}. A job starts in one way: leave one of them out."
    if schedule := job.get("schedule"):
        cron = str(schedule.get("quartz_cron_expression", ""))
        fields = cron.split()
        if len(fields) not in QUARTZ_FIELDS:
            yield f"{cron!r} has {len(fields)} fields. Quartz has 6, with seconds first, such as '0 0 3 * * ?'."
        elif [fields[3], fields[5]].count("?") != 1:
            yield f"{cron!r} needs one ?, as day of the month or as weekday, such as '0 0 3 * * ?'."
        try:
            check_zone(str(schedule.get("timezone_id", "")))
        except ValueError as error:
            yield f"timezone_id: {error}"


def _dependencies(task: Values, keys: list[str]) -> Iterator[str]:
    for each in task.get("depends_on") or []:
        if (key := each.get("task_key", "")) not in keys:
            yield f"it depends on the task '{key}', which is not in the job. {hint(key, keys)}"


def _compute(task: Values, environments: list[str]) -> Iterator[str]:
    key = task.get("environment_key")
    if key is not None and key not in environments:
        yield f"its environment '{key}' is not in the job. {hint(str(key), environments)}"
    clusters = [name for name in CLUSTERS if name in task]
    if key is not None and clusters:
        yield f"it has environment_key and {clusters[0]}. A task runs on one of them: leave the other out."


def _parameters(task: Values) -> Iterator[str]:
    wheel = task.get("python_wheel_task") or {}
    if wheel.get("parameters") and wheel.get("named_parameters"):
        yield "it has parameters and named_parameters. Write one of them."


def _path(task: Values) -> str | None:
    file = (task.get("sql_task") or {}).get("file") or {}
    path = file.get("path")
    return path if isinstance(path, str) and "${" not in path else None


def _cycle(tasks: list[Values], keys: list[str]) -> Iterator[str]:
    graph = {
        task.get("task_key", ""): [
            key for each in task.get("depends_on") or [] if (key := each.get("task_key")) in keys
        ]
        for task in tasks
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"its tasks wait for each other: {' → '.join(reversed(error.args[1]))}."
