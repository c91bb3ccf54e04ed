"""A module of Dagster definitions: an asset per table, a check per rule and gate, a daily job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.deploy.orchestrators.nightly_job import TEMPLATES
from shoplake.deploy.templates import fill, literal

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.deploy.orchestrators.nightly_job import NightlyJob

FILE = "definitions.py"


def dagster_files(job: NightlyJob, folder: Path) -> dict[str, str]:
    """Return the module, for `folder`. It reads the tables of the project when Dagster loads it."""
    values = {"config": job.config_from(folder), "cron": job.cron, "timezone": job.timezone}
    return {FILE: fill(TEMPLATES / "definitions.py.txt", **{name: literal(value) for name, value in values.items()})}
