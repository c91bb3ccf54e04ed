"""The settings of the section `[maintenance]`: how long versions and logs are kept, and when a run cleans up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from shoplake.settings.settings_section import InvalidValueError

if TYPE_CHECKING:
    from shoplake.settings.settings_section import Section

NAMES = ("keep_versions", "log", "every", "at_most")
NEVER = "never"
UNITS = {"s": "seconds", "second": "seconds", "min": "minutes", "minute": "minutes", "h": "hours", "hour": "hours"}
UNITS |= {"d": "days", "day": "days"}
DURATION = re.compile(r"\s*([1-9]\d*)\s*([a-z]+?)s?\s*|\s*([1-9]\d*)\s*(s)\s*")
MIN_KEEP_VERSIONS = timedelta(days=7)
MAX_DURATION = timedelta(days=36_500)
"""A hundred years: what is longer leads to days before the year 1."""
MAX_DIGITS = 10


@dataclass(frozen=True)
class MaintenanceSettings:
    """How a lake is maintained.

    Files of versions that are older than `keep_versions` are deleted, and commits older than `log` leave the logs. A
    run maintains tables at its end where the last maintenance is as old as `every`, for `at_most` that long; where
    `every` is None, commands alone do.
    """

    keep_versions: timedelta = MIN_KEEP_VERSIONS
    log: timedelta = timedelta(days=30)
    every: timedelta | None = timedelta(days=1)
    at_most: timedelta = timedelta(seconds=60)


def read_maintenance_settings(section: Section) -> MaintenanceSettings:
    """Return the settings of the section. Raises InvalidValueError."""
    section.check_names(NAMES)
    default = MaintenanceSettings()
    never = "every" in section and section.get("every")[1] == NEVER
    settings = MaintenanceSettings(
        keep_versions=_duration(section, "keep_versions", default.keep_versions),
        log=_duration(section, "log", default.log),
        every=None if never else _duration(section, "every", timedelta(days=1)),
        at_most=_duration(section, "at_most", default.at_most),
    )
    if settings.keep_versions < MIN_KEEP_VERSIONS:
        raise InvalidValueError('maintenance.keep_versions is less than "7 days". Readers may still use such versions.')
    if settings.log < settings.keep_versions:
        raise InvalidValueError("maintenance.log is less than keep_versions. Versions without a log cannot be read.")
    return settings


def _duration(section: Section, name: str, default: timedelta) -> timedelta:
    if name not in section:
        return default
    match = DURATION.fullmatch(text := section.text(name))
    number, unit = (match[1] or match[3], match[2] or match[4]) if match else ("", "")
    if unit not in UNITS:
        raise InvalidValueError(f'maintenance.{name} = {text!r} is no duration. Write one such as "7 days" or "60s".')
    duration = timedelta(**{UNITS[unit]: int(number)}) if len(number) < MAX_DIGITS else MAX_DURATION * 2
    if duration > MAX_DURATION:
        raise InvalidValueError(f"maintenance.{name} = {text!r} is too long: write {MAX_DURATION.days} days or less.")
    return duration
