"""The nightly job of a lake: what runs, at what time of the shop's day, and which tables it writes."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.errors import SettingsError, ShoplakeError

if TYPE_CHECKING:
    from shoplake.declare.catalog import Catalog
    from shoplake.settings import Settings

TEMPLATES = Path(__file__).with_name("templates")
DEFAULT_AT = "03:00"


class TimeOfDayError(ShoplakeError):
    """A text is not a time of a day."""

    def __init__(self, text: str) -> None:
        super().__init__(f"'{text}' is not a time of the day. Write one such as {DEFAULT_AT}.")
        self.text = text


class JobNameError(ShoplakeError):
    """A text is not the name of a job."""

    def __init__(self, text: str) -> None:
        super().__init__(f"'{text}' is not a name. Write lower-case letters, digits and hyphens, such as eu-shop.")
        self.text = text


class ExecutableError(ShoplakeError):
    """A path of shoplake depends on the folder in which a scheduler happens to start it."""

    def __init__(self, text: str) -> None:
        example = Path(text).absolute()
        super().__init__(f"--executable {text} is a relative path. Write an absolute one, such as {example}.")
        self.text = text


@dataclass(frozen=True)
class NightlyJob:
    """A run of all tables, and a check of all files, once a day.

    `config` is the absolute path of the settings file, `executable` that of shoplake, `timezone` the shop's. `hour` and
    `minute` are in that zone. `short_name` is the name of the lake among others on the machine; without one it is that
    of the project's folder.
    """

    config: Path
    executable: str
    settings: Settings
    catalog: Catalog
    timezone: str
    hour: int = 3
    minute: int = 0
    short_name: str | None = None

    @property
    def name(self) -> str:
        """A name for units and jobs: `shoplake-`, and the short name or that of the project's folder."""
        slug = self.short_name or re.sub(r"[^a-z0-9]+", "-", self.config.parent.name.lower()).strip("-")
        return f"shoplake-{slug or 'shop'}"

    @property
    def at(self) -> str:
        """The time of the day, e.g. `03:00`."""
        return f"{self.hour:02}:{self.minute:02}"

    @property
    def cron(self) -> str:
        """The time of the day as a cron schedule, e.g. `0 3 * * *`."""
        return f"{self.minute} {self.hour} * * *"

    def config_from(self, folder: Path) -> str:
        """Return the path of the settings file relative to a folder."""
        return Path(os.path.relpath(self.config, folder.resolve())).as_posix()


def nightly_job(
    config: Path,
    settings: Settings,
    catalog: Catalog,
    *,
    executable: str,
    at: str = DEFAULT_AT,
    timezone: str | None = None,
    name: str | None = None,
) -> NightlyJob:
    """Return the job of a lake at `at` in its shop's time zone.

    `executable` is a command on the PATH, or an absolute path. Raises ExecutableError for a relative one,
    TimeOfDayError for a time that is none, JobNameError for a `name` with other than lower-case letters, digits and
    hyphens, and SettingsError for shops in several zones where `timezone` is None.
    """
    if "/" in executable and not Path(executable).is_absolute():
        raise ExecutableError(executable)
    if name is not None and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) is None:
        raise JobNameError(name)
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", at.strip())
    if match is None:
        raise TimeOfDayError(at)
    zone = timezone or shop_zone(settings)
    return NightlyJob(config.resolve(), executable, settings, catalog, zone, int(match[1]), int(match[2]), name)


def shop_zone(settings: Settings) -> str:
    """Return the time zone of a lake's feeds. Raises SettingsError where they have several."""
    zones = sorted({feed.timezone for feed in settings.feeds})
    if len(zones) > 1:
        raise SettingsError(f"The feeds are in several time zones: {', '.join(zones)}. Choose one with --timezone.")
    return zones[0]
