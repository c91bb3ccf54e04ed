"""Settings: the one place that reads `shoplake.toml` and the environment."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shoplake.declare import Feed
from shoplake.errors import SettingsError, hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from shoplake.declare import FeedKind, Feeds

FILE = "shoplake.toml"
UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
TOP = ("lake", "engine", "remote", "catalog", "memory_limit", "landing", "plan", "feeds")
MAX_BYTES = 4 * 2**30
LANDING = ("max_files_per_batch", "max_bytes_per_batch", "on_changed_file", "min_file_age_s")
PLAN = ("on_change",)
FEED = ("kind", "path", "timezone", "currency", "schema_drift")
ENGINES = ("sail", "spark")
LOCAL = "local"
STORE = "s3://"
VARIABLES = ("SHOPLAKE_LAKE", "SHOPLAKE_ENGINE", "SHOPLAKE_REMOTE", "SHOPLAKE_MEMORY_LIMIT")
"""Environment variables; each takes precedence over the setting of its name."""
RENAMED = {"memory": "memory_limit", "max_files": "max_files_per_batch", "max_bytes": "max_bytes_per_batch"}
RENAMED |= {"revisions": "on_changed_file", "settle_seconds": "min_file_age_s", "drift": "schema_drift"}
"""Former names of settings."""
RENAMED_VALUES = {"refuse": "reject", "supersede": "replace", "strict": "quarantine"}


@dataclass(frozen=True)
class Settings:
    """The settings of a lake: where it lies, which engine computes, which feeds it ingests.

    `engine` is Sail or Spark; Spark is at `remote` (`local`, `sc://host:port`, None for the session that is there),
    and a `catalog` of it keeps the tables by name. `memory_limit` bounds the process, embedded engine included,
    or the local Spark, in bytes. A batch of new files has at most `max_files_per_batch` and `max_bytes_per_batch`
    (default: half of `memory_limit`, at most 4 GiB). A known path with new content is rejected, or replaces its former
    content (`on_changed_file`). Files younger than `min_file_age_s` are left for the next run.
    A run refuses or applies changes of code and settings that change existing rows (`on_change`).
    """

    lake: str
    feeds: Feeds
    engine: str = "sail"
    remote: str | None = None
    catalog: str | None = None
    memory_limit: int | None = None
    max_files_per_batch: int = 10_000
    max_bytes_per_batch: int = MAX_BYTES
    on_changed_file: str = "reject"
    min_file_age_s: int = 0
    on_change: str = "refuse"


def load(path: Path, kinds: Mapping[str, FeedKind]) -> Settings:
    """Return the settings in the file at `path`; paths in it are relative to its folder.

    `SHOPLAKE_LAKE`, `SHOPLAKE_ENGINE`, `SHOPLAKE_REMOTE` and `SHOPLAKE_MEMORY_LIMIT` in the environment take
    precedence over the file. Raises SettingsError, which names the file, for what is missing or invalid.
    """
    if not path.is_file():
        raise SettingsError(f"There is no {path}. Write one with: shoplake init --kind zenith --path FOLDER")
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error
    if "SHOPLAKE_MEMORY" in os.environ and "SHOPLAKE_MEMORY_LIMIT" not in os.environ:
        raise SettingsError("The environment variable SHOPLAKE_MEMORY is now called SHOPLAKE_MEMORY_LIMIT. Rename it.")
    try:
        return _settings(_Section(values), path.resolve().parent, kinds)
    except _InvalidError as error:
        raise SettingsError(f"{path}: {error}") from error


class _InvalidError(ValueError):
    """A value in the file is invalid; the message lacks the name of the file."""


class _Section:
    """A table of the file, read by the names and types that are allowed in it."""

    def __init__(self, values: object, name: str = "") -> None:
        if not isinstance(values, dict):
            raise _InvalidError(f"{name} is a table: write [{name}], then its settings.")
        self._values: dict[str, Any] = values
        self._prefix = f"{name}." if name else ""

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def check_names(self, names: Collection[str]) -> None:
        """Raise unless all settings in the section are among `names`."""
        for name in self._values:
            if RENAMED.get(name) in names:
                raise _InvalidError(f"'{self._prefix}{name}' is now called '{RENAMED[name]}'. Rename it.")
            if name not in names:
                raise _InvalidError(f"unknown setting '{self._prefix}{name}'. {hint(name, names)}")

    def get(self, name: str, default: object = None) -> tuple[str, Any]:
        """Return the label for messages and the value of a setting, from the environment or else from the file."""
        variable = f"SHOPLAKE_{name.upper()}"
        if not self._prefix and variable in VARIABLES and os.environ.get(variable):
            return f"{variable} in the environment", os.environ[variable]
        return f"{self._prefix}{name}", self._values.get(name, default)

    def section(self, name: str) -> _Section:
        """Return a table in this one; an empty one if it is missing."""
        return _Section(self._values.get(name, {}), f"{self._prefix}{name}")

    def sections(self) -> Iterator[tuple[str, _Section]]:
        """Yield the tables in this one."""
        for name in self._values:
            yield name, self.section(name)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text that is not empty."""
        label, value = self.get(name, default)
        if not isinstance(value, str) or not value:
            raise _InvalidError(f"{label} = {value!r} must be a text in quotes.")
        return value

    def choice(self, name: str, names: Collection[str], default: str | None = None) -> str:
        """Return one of `names`."""
        label, value = self.get(name, default)
        if value in names:
            return str(value)
        if isinstance(value, str) and RENAMED_VALUES.get(value) in names:
            raise _InvalidError(f"{label} = {value!r} is now called '{RENAMED_VALUES[value]}'. Rename it.")
        raise _InvalidError(f"{label} = {value!r}. {hint(str(value), names)}")

    def count(self, name: str, default: int, least: int = 1) -> int:
        """Return a whole number of at least `least`."""
        label, value = self.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise _InvalidError(f"{label} = {value!r} must be a whole number, {least} or more.")
        return value

    def size(self, name: str, default: int | None = None) -> int | None:
        """Return a number of bytes."""
        label, value = self.get(name, default)
        try:
            return None if value is None else size(value, label)
        except SettingsError as error:
            raise _InvalidError(str(error)) from error


def size(value: object, name: str) -> int:
    """Return a number of bytes, as in `"4 GiB"`."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", str(value))
    unit = UNITS.get(match[2].upper()) if match else None
    if match is None or unit is None or float(match[1]) <= 0:
        raise SettingsError(f'{name} = {value!r} is no size. Write one such as "4 GiB" or "500 MB".')
    return int(float(match[1]) * unit)


def _settings(top: _Section, base: Path, kinds: Mapping[str, FeedKind]) -> Settings:
    top.check_names(TOP)
    landing = top.section("landing")
    landing.check_names(LANDING)
    plan = top.section("plan")
    plan.check_names(PLAN)
    feeds = tuple(_feed(name, section, base, kinds) for name, section in top.section("feeds").sections())
    if not feeds:
        raise _InvalidError("it names no feed. Add [feeds.shop] with kind and path.")
    memory = top.size("memory_limit")
    lake = _location(base, top.text("lake", "lake"))
    return Settings(
        lake=lake,
        feeds=feeds,
        **_engine(top, lake),
        memory_limit=memory,
        max_files_per_batch=landing.count("max_files_per_batch", 10_000),
        max_bytes_per_batch=landing.size("max_bytes_per_batch", min(MAX_BYTES, (memory or MAX_BYTES * 2) // 2))
        or MAX_BYTES,
        on_changed_file=landing.choice("on_changed_file", ("reject", "replace"), "reject"),
        min_file_age_s=landing.count("min_file_age_s", 0, least=0),
        on_change=plan.choice("on_change", ("refuse", "apply"), "refuse"),
    )


def _engine(top: _Section, lake: str) -> dict[str, Any]:
    """Return which engine computes, where it is, and in whose catalog."""
    engine = top.choice("engine", ENGINES, "sail")
    if engine == "sail":
        for name in ("remote", "catalog"):
            if name in top and "SHOPLAKE_ENGINE" not in os.environ:
                raise _InvalidError(f'{name} is Spark\'s. Set engine = "spark", or leave {name} out.')
        return {"engine": engine}
    label, remote = top.get("remote")
    _, catalog = top.get("catalog")
    if remote == LOCAL:
        _check_local(lake, catalog)
    elif remote is not None:
        _check_address(label, top.text("remote"))
    if catalog is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", top.text("catalog")):
        raise _InvalidError(f"catalog = {catalog!r} is no name: letters, digits and _.")
    return {"engine": engine, "remote": remote, "catalog": catalog}


def _check_local(lake: str, catalog: object) -> None:
    if catalog is not None:
        raise _InvalidError("the local Spark forgets names when it stops. Leave catalog out.")
    if "://" in lake:
        raise _InvalidError(f'the local Spark reaches no {lake}. Use a folder, or engine = "sail".')


def _check_address(label: str, remote: str) -> None:
    if "token=" in remote:
        raise _InvalidError(f"{label} contains a token. Put it into SHOPLAKE_SPARK_TOKEN instead.")
    if not remote.startswith("sc://"):
        raise _InvalidError(f'{label} = {remote!r} is neither "local" nor an address "sc://host:port".')


def _feed(name: str, section: _Section, base: Path, kinds: Mapping[str, FeedKind]) -> Feed:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        raise _InvalidError(f"feeds.{name}: a feed's name is a letter, then letters, digits, _ and -.")
    section.check_names(FEED)
    if "kind" not in section or "path" not in section:
        raise _InvalidError(f"feeds.{name} needs kind (one of {', '.join(sorted(kinds))}) and path.")
    zone = section.text("timezone", "UTC")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _InvalidError(
            f"feeds.{name}.timezone = {zone!r} is no time zone. Write one such as Europe/London."
        ) from error
    kind = kinds[section.choice("kind", sorted(kinds))]
    is_strict = section.choice("schema_drift", ("evolve", "quarantine"), "evolve") == "quarantine"
    currency = section.text("currency") if "currency" in section else None
    return Feed(name, kind, _location(base, section.text("path")), zone, currency, is_strict)


def _location(base: Path, path: str) -> str:
    """Return an object-store URL as it is; a path made absolute from the folder of the settings file."""
    if "://" not in path:
        return str((base / Path(path).expanduser()).resolve())
    if not re.fullmatch(rf"{STORE}[^/]+(/.*)?", path):
        raise _InvalidError(f"{path!r} is in no supported store. Write a path, or {STORE}bucket.")
    return path.rstrip("/")
