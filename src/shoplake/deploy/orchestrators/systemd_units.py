"""Units of systemd: a service that runs a lake, a timer in the shop's time zone, and a watch for runs that are late."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.deploy.orchestrators.nightly_job import TEMPLATES
from shoplake.deploy.templates import fill
from shoplake.settings.settings import LOCAL

if TYPE_CHECKING:
    from shoplake.deploy.orchestrators.nightly_job import NightlyJob

HEADROOM = 1.25
"""The memory of the service, by the memory limit of the lake: Python and Arrow need some beside the engine."""


def systemd_files(job: NightlyJob, folder: Path) -> dict[str, str]:
    """Return the units by file name."""
    words = {
        "config": quote_argument(str(job.config)),
        "executable": quote(job.executable),
        "folder": escape(str(job.config.parent)),
        "name": job.name,
        "timezone": job.timezone,
        "at": job.at,
        "user": owner(job.config),
        "memory": memory_line(job.settings.memory_limit),
        "writable": " ".join(quote(path) for path in writable_folders(job)),
        "spark": spark_lines(job.name) if job.settings.remote == LOCAL else "",
    }
    units = {"run.service": ".service", "run.timer": ".timer"}
    units |= {"late.service": "-late.service", "late.timer": "-late.timer"}
    return {f"{job.name}{suffix}": fill(TEMPLATES / f"{unit}.txt", **words) for unit, suffix in units.items()}


def escape(text: str) -> str:
    """Return a text in which systemd expands no specifier."""
    return text.replace("%", "%%")


def quote(text: str) -> str:
    """Return a text as one word of a unit."""
    escaped = escape(text)
    quoted = escaped.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"' if quoted != escaped or " " in escaped else escaped


def quote_argument(text: str) -> str:
    """Return a text as an argument of a command in a unit, in which no variable is expanded either."""
    return quote(text.replace("$", "$$"))


def owner(path: Path) -> str:
    """Return the user whom a file belongs to; the number where there is no name."""
    try:
        return path.owner()
    except KeyError:
        return str(path.stat().st_uid)


def memory_line(limit: int | None) -> str:
    """Return the setting that bounds the memory of the service; a comment without a memory limit."""
    return f"MemoryMax={int(limit * HEADROOM)}" if limit else "# MemoryMax=8G   # or set memory_limit in shoplake.toml"


def spark_lines(name: str) -> str:
    """Return the settings that give the local Spark folders which it can write, as homes are read-only."""
    folders = f"CacheDirectory={name}\nStateDirectory={name}\n"
    return f"{folders}Environment=XDG_CACHE_HOME=%C/{name} XDG_STATE_HOME=%S/{name}\n"


def writable_folders(job: NightlyJob) -> list[str]:
    """Return the folders that a run writes into: that of the settings file, and that of a lake elsewhere."""
    project = job.config.parent
    local = [Path(path) for path in (job.settings.lake, job.settings.serve.folder) if "://" not in path]
    outside = [path.parent for path in local if not path.is_relative_to(project)]
    return [str(path) for path in dict.fromkeys([project, *outside])]
