"""A script that cron starts every hour, and that runs a lake once per day of the shop."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from shoplake.deploy.orchestrators.nightly_job import TEMPLATES
from shoplake.deploy.templates import fill

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.deploy.orchestrators.nightly_job import NightlyJob


def cron_files(job: NightlyJob, folder: Path) -> dict[str, str]:
    """Return the script, and a crontab that starts it.

    Few crons know time zones. The script knows the shop's: it runs the day whose time has come last, and does nothing
    after a run that passed, so that a failed or missed run is made up for within the hour, also past midnight.
    """
    script = folder.resolve() / f"{job.name}.sh"
    values = {"config": str(job.config), "executable": job.executable, "timezone": job.timezone}
    words = {name: shlex.quote(value) for name, value in values.items()}
    words |= {"folder": shlex.quote(str(job.config.parent)), "at": job.at.replace(":", "")}
    in_crontab = shlex.quote(str(script)).replace("%", "\\%")
    return {
        script.name: fill(TEMPLATES / "nightly.sh.txt", **words),
        "crontab": fill(TEMPLATES / "crontab.txt", script=in_crontab, minute=str(job.minute)),
    }
