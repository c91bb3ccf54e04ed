"""Settings: the one place that reads `shoplake.toml` and the environment."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shoplake.declare import Feed, FeedKind
from shoplake.declare.currency import UnknownCurrencyError, check_currency
from shoplake.errors import SettingsError, hint
from shoplake.settings.alert_settings import AlertSettings, read_alert_settings
from shoplake.settings.locations import absolute, is_connect_address, resolve
from shoplake.settings.maintenance_settings import MaintenanceSettings, read_maintenance_settings
from shoplake.settings.serve_settings import ServeSettings, read_serve_settings
from shoplake.settings.settings_section import InvalidValueError, Section, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.declare import Feeds

__all__ = ["Settings", "check_zone", "load", "size", "used_packages"]

FILE = "shoplake.toml"
TOP = (
    *("lake", "engine", "remote", "catalog", "memory_limit", "use"),
    *("landing", "plan", "serve", "models", "maintenance", "alerts", "feeds"),
)
MAX_BYTES = 4 * 2**30
PLAN = ("on_change",)
MODELS = ("retrain", "mlflow")
LANDING = ("max_files_per_batch", "max_bytes_per_batch", "on_changed_file", "min_file_age_s")
FEED = ("kind", "path", "timezone", "currency", "schema_drift", "events")
EXAMPLES = {"timezone": "Europe/London", "currency": "GBP"}
ENGINES = ("sail", "spark")
LOCAL = "local"


@dataclass(frozen=True)
class Settings:
    """The settings of a lake: where it lies, which engine computes, which feeds it ingests.

    Relative paths are those from the working directory.
    `engine` is Sail or Spark; Spark is at `remote` (`local`, `sc://host:port`, None for the session that is there),
    and a `catalog` of it keeps the tables by name. `memory_limit` bounds the process, embedded engine included,
    or the local Spark, in bytes. A batch of new files has at most `max_files_per_batch` and `max_bytes_per_batch`
    (default: half of `memory_limit`, at most 4 GiB). A known path with new content is rejected, or replaces its former
    content (`on_changed_file`). Files younger than `min_file_age_s` are left for the next run.
    `use` are packages with kinds, tables and rules. A lake can be read whose settings have `problems`: a feed of an
    unknown kind, or without time zone or currency (`gaps`).
    A run refuses or applies changes of code and settings that change existing rows (`on_change`). It trains and scores
    models whose last training is `retrain_days` old; None means that commands alone do. `mlflow` is the tracking URI
    of the MLflow that models are mirrored to.
    `serve` is how the lake is served over HTTP, `maintenance` how long versions are kept and when runs clean up,
    `alerts` where messages about incidents go.
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
    use: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    on_change: str = "refuse"
    serve: ServeSettings = field(default_factory=ServeSettings)
    retrain_days: int | None = None
    mlflow: str | None = field(default=None, repr=False)  # it may hold a password
    maintenance: MaintenanceSettings = field(default_factory=MaintenanceSettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)

    def __post_init__(self) -> None:
        feeds = tuple(replace(feed, path=absolute(feed.path)) for feed in self.feeds)
        object.__setattr__(self, "lake", absolute(self.lake))
        object.__setattr__(self, "feeds", feeds)

    def check_runnable(self) -> None:
        """Raise SettingsError with a line for each problem that must be solved before a run."""
        if lines := (*self.problems, *self.gaps):
            raise SettingsError("\n".join(lines))


def used_packages(path: Path) -> tuple[str, ...]:
    """Return the packages that the file at `path` uses; none if the file is missing or invalid."""
    try:
        return Section(tomllib.loads(path.read_text(encoding="utf-8"))).texts("use")
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, InvalidValueError):
        return ()


def load(path: Path, kinds: Mapping[str, FeedKind]) -> Settings:
    """Return the settings in the file at `path`; paths in it are relative to its folder.

    `SHOPLAKE_LAKE`, `SHOPLAKE_ENGINE`, `SHOPLAKE_REMOTE`, `SHOPLAKE_CATALOG` and `SHOPLAKE_MEMORY_LIMIT` in the
    environment take precedence over the file; paths of feeds are relative to `SHOPLAKE_LANDING_ROOT` where it is set.
    Raises SettingsError, which names the file, for what is missing or invalid.
    """
    if not path.is_file():
        raise SettingsError(f"There is no {path}. Write one with: shoplake init --path FOLDER")
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error
    if "SHOPLAKE_MEMORY" in os.environ and "SHOPLAKE_MEMORY_LIMIT" not in os.environ:
        raise SettingsError("The environment variable SHOPLAKE_MEMORY is now called SHOPLAKE_MEMORY_LIMIT. Rename it.")
    try:
        return _settings(Section(values), path, kinds)
    except (InvalidValueError, UnknownCurrencyError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _settings(top: Section, path: Path, kinds: Mapping[str, FeedKind]) -> Settings:
    base = path.resolve().parent
    top.check_names(TOP)
    sections = list(top.sections("feeds", "shop"))
    landing = base / os.environ.get("SHOPLAKE_LANDING_ROOT", "")
    feeds = tuple(_feed(name, section, landing, kinds) for name, section in sections)
    plan = top.section("plan")
    plan.check_names(PLAN)
    if not feeds:
        raise InvalidValueError("it names no feed. Add [feeds.shop] with kind and path.")
    memory = top.size("memory_limit")
    lake = resolve(base, top.text("lake", "lake"))
    return Settings(
        lake=lake,
        feeds=feeds,
        **_engine(top, lake),
        memory_limit=memory,
        **_landing(top.section("landing"), memory),
        use=top.texts("use"),
        problems=tuple(
            f"{path}: feeds.{feed.name}.kind = {feed.kind.name!r}. {hint(feed.kind.name, kinds)}"
            for feed in feeds
            if feed.kind.name not in kinds
        ),
        gaps=tuple(
            f'{path}: feeds.{name} has no {missing}. Write the shop\'s own, such as: {missing} = "{example}"'
            for name, section in sections
            for missing, example in EXAMPLES.items()
            if missing not in section
        ),
        on_change=plan.choice("on_change", ("refuse", "apply"), "refuse"),
        serve=read_serve_settings(top.section("serve"), base),
        **_models(top.section("models")),
        maintenance=read_maintenance_settings(top.section("maintenance")),
        alerts=read_alert_settings(top.section("alerts")),
    )


def _landing(section: Section, memory: int | None) -> dict[str, Any]:
    """Return how files are ingested."""
    section.check_names(LANDING)
    most_bytes = min(MAX_BYTES, (memory or MAX_BYTES * 2) // 2)
    return {
        "max_files_per_batch": section.count("max_files_per_batch", 10_000),
        "max_bytes_per_batch": section.size("max_bytes_per_batch", most_bytes) or MAX_BYTES,
        "on_changed_file": section.choice("on_changed_file", ("reject", "replace"), "reject"),
        "min_file_age_s": section.count("min_file_age_s", 0, least=0),
    }


def _models(section: Section) -> dict[str, Any]:
    """Return how old the last training may be, and where models are mirrored; None without either."""
    section.check_names(MODELS)
    days = _days(section, "retrain") if "retrain" in section else None
    return {"retrain_days": days, "mlflow": section.text("mlflow") if "mlflow" in section else None}


def _days(section: Section, name: str) -> int:
    """Return a number of days, as in `"30 days"`."""
    match = re.fullmatch(r"\s*([1-9]\d{0,4})\s*days?\s*", text := section.text(name))
    if match is None:
        raise InvalidValueError(f'models.{name} = {text!r} is no number of days. Write one such as "30 days".')
    return int(match[1])


def _engine(top: Section, lake: str) -> dict[str, Any]:
    """Return which engine computes, where it is, and in whose catalog."""
    engine = top.choice("engine", ENGINES, "sail")
    if engine == "sail":
        for name in ("remote", "catalog"):
            if name in top and "SHOPLAKE_ENGINE" not in os.environ:
                raise InvalidValueError(f'{name} is Spark\'s. Set engine = "spark", or leave {name} out.')
        return {"engine": engine}
    label, remote = top.get("remote")
    _, catalog = top.get("catalog")
    if remote == LOCAL:
        _check_local(lake, catalog)
    elif remote is not None:
        _check_address(label, top.text("remote"))
    if catalog is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", top.text("catalog")):
        raise InvalidValueError(f"catalog = {catalog!r} is no name: letters, digits and _.")
    return {"engine": engine, "remote": remote, "catalog": catalog}


def _check_local(lake: str, catalog: object) -> None:
    if catalog is not None:
        raise InvalidValueError("the local Spark forgets names when it stops. Leave catalog out.")
    if "://" in lake:
        raise InvalidValueError(f'the local Spark reaches no {lake}. Use a folder, or engine = "sail".')


def _check_address(label: str, remote: str) -> None:
    if "token=" in remote:
        raise InvalidValueError(f"{label} contains a token. Put it into SHOPLAKE_SPARK_TOKEN instead.")
    if not is_connect_address(remote):
        raise InvalidValueError(f'{label} = {remote!r} is neither "local" nor an address "sc://host:port".')


def _feed(name: str, section: Section, base: Path, kinds: Mapping[str, FeedKind]) -> Feed:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        raise InvalidValueError(f"feeds.{name}: a feed's name is a letter, then letters, digits, _ and -.")
    section.check_names(FEED)
    if "kind" not in section or "path" not in section:
        raise InvalidValueError(f"feeds.{name} needs kind (one of {', '.join(sorted(kinds))}) and path.")
    zone = section.text("timezone", "UTC")
    try:
        check_zone(zone)
    except ValueError as error:
        raise InvalidValueError(f"feeds.{name}.timezone = {error}") from error
    kind_name = section.text("kind")
    kind = kinds.get(kind_name) or FeedKind(kind_name, "unknown", (), {})
    is_strict = section.choice("schema_drift", ("evolve", "quarantine"), "evolve") == "quarantine"
    currency = check_currency(section.text("currency"), section.get("currency")[0]) if "currency" in section else None
    events = section.section("events").texts_by_name()
    return Feed(name, kind, resolve(base, section.text("path")), zone, currency, is_strict, events)


def check_zone(zone: str) -> str:
    """Return the name of a time zone. Raises ValueError for one that does not exist."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{zone!r} is no time zone. Write one such as Europe/London.") from error
    return zone
