"""The sections of a settings file, read by names and types, with the environment before the file."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from shoplake.errors import SettingsError, hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
VARIABLES = ("SHOPLAKE_LAKE", "SHOPLAKE_ENGINE", "SHOPLAKE_REMOTE", "SHOPLAKE_CATALOG", "SHOPLAKE_MEMORY_LIMIT")
"""Environment variables; each takes precedence over the setting of its name."""
RENAMED = {
    "memory": "memory_limit",
    "max_files": "max_files_per_batch",
    "max_bytes": "max_bytes_per_batch",
    "revisions": "on_changed_file",
    "settle_seconds": "min_file_age_s",
    "drift": "schema_drift",
}
"""Former names of settings."""
RENAMED_VALUES = {"refuse": "reject", "supersede": "replace", "strict": "quarantine"}


class InvalidValueError(ValueError):
    """A value in the file is invalid; the message lacks the name of the file."""


class Section:
    """A table of the file, read by the names and types that are allowed in it."""

    def __init__(self, values: object, name: str = "") -> None:
        if not isinstance(values, dict):
            raise InvalidValueError(f"{name} is a table: write [{name}], then its settings.")
        self._values: dict[str, Any] = values
        self._prefix = f"{name}." if name else ""

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def check_names(self, names: Collection[str]) -> None:
        """Raise unless all settings in the section are among `names`."""
        for name in self._values:
            if RENAMED.get(name) in names:
                raise InvalidValueError(f"'{self._prefix}{name}' is now called '{RENAMED[name]}'. Rename it.")
            if name not in names:
                raise InvalidValueError(f"unknown setting '{self._prefix}{name}'. {hint(name, names)}")

    def get(self, name: str, default: object = None) -> tuple[str, Any]:
        """Return the label for messages and the value of a setting, from the environment or else from the file."""
        variable = f"SHOPLAKE_{name.upper()}"
        if not self._prefix and variable in VARIABLES and os.environ.get(variable):
            return f"{variable} in the environment", os.environ[variable]
        return f"{self._prefix}{name}", self._values.get(name, default)

    def section(self, name: str) -> Section:
        """Return a table in this one; an empty one if it is missing."""
        return Section(self._values.get(name, {}), f"{self._prefix}{name}")

    def sections(self, name: str, example: str) -> Iterator[tuple[str, Section]]:
        """Yield the tables in a table of this one, whose names the user chooses; none if it is missing."""
        label = f"{self._prefix}{name}"
        if not isinstance(values := self._values.get(name, {}), dict):
            raise InvalidValueError(f"{label} are tables with names of your choice: write [{label}.{example}].")
        for each in values:
            yield each, Section(values[each], f"{label}.{each}")

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text that is not empty."""
        label, value = self.get(name, default)
        if not isinstance(value, str) or not value:
            raise InvalidValueError(f"{label} = {value!r} must be a text in quotes.")
        return value

    def choice(self, name: str, names: Collection[str], default: str | None = None) -> str:
        """Return one of `names`."""
        label, value = self.get(name, default)
        if value in names:
            return str(value)
        if isinstance(value, str) and RENAMED_VALUES.get(value) in names:
            raise InvalidValueError(f"{label} = {value!r} is now called '{RENAMED_VALUES[value]}'. Rename it.")
        raise InvalidValueError(f"{label} = {value!r}. {hint(str(value), names)}")

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; an empty one if it is missing."""
        label, value = self.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise InvalidValueError(f'{label} = {value!r} must be a list of texts, such as ["name"].')
        return tuple(value)

    def texts_by_name(self) -> tuple[tuple[str, str], ...]:
        """Return all settings in the section, which are texts, as pairs."""
        return tuple((name, self.text(name)) for name in self._values)

    def count(self, name: str, default: int, least: int = 1) -> int:
        """Return a whole number of at least `least`."""
        label, value = self.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise InvalidValueError(f"{label} = {value!r} must be a whole number, {least} or more.")
        return value

    def size(self, name: str, default: int | None = None) -> int | None:
        """Return a number of bytes."""
        label, value = self.get(name, default)
        try:
            return None if value is None else size(value, label)
        except SettingsError as error:
            raise InvalidValueError(str(error)) from error


def size(value: object, name: str) -> int:
    """Return a number of bytes, as in `"4 GiB"`."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", str(value))
    unit = UNITS.get(match[2].upper()) if match else None
    if match is None or unit is None or float(match[1]) <= 0:
        raise SettingsError(f'{name} = {value!r} is no size. Write one such as "4 GiB" or "500 MB".')
    return int(float(match[1]) * unit)
