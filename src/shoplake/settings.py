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
    from collections.abc import Collection, Mapping

    from shoplake.declare import FeedKind, Feeds

FILE = "shoplake.toml"
UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
TOP = ("lake", "engine", "remote", "catalog", "memory_limit", "landing", "feeds")
MAX_BYTES = 4 * 2**30
LANDING = ("max_files_per_batch", "max_bytes_per_batch", "on_changed_file", "min_file_age_s")
FEED = ("kind", "path", "timezone", "currency", "schema_drift")
ENGINES = ("sail", "spark")
LOCAL = "local"
STORE = "s3://"


@dataclass(frozen=True)
class Settings:
    """What a lake is made of: where it lies, what computes, which feeds come in.

    `engine` is Sail or Spark; Spark is at `remote` (`local`, `sc://host:port`, None for the session that is there),
    and a `catalog` of it keeps the tables by name. `memory_limit` bounds the process, embedded engine included,
    or the local Spark, in bytes. A batch of new files has at most `max_files_per_batch` and `max_bytes_per_batch`
    (default: half of `memory_limit`, at most 4 GiB). A known path with new content is rejected, or replaces its former
    content (`on_changed_file`). Files younger than `min_file_age_s` are left for the next run.
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


def load(path: Path, kinds: Mapping[str, FeedKind]) -> Settings:
    """The settings in the file at `path`; paths in it are relative to its folder.

    `SHOPLAKE_LAKE`, `SHOPLAKE_ENGINE`, `SHOPLAKE_REMOTE` and `SHOPLAKE_MEMORY_LIMIT` in the environment take
    precedence over the file.
    """
    if not path.is_file():
        raise SettingsError(f"There is no {path}. Write one with: shoplake init --kind zenith --path FOLDER")
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error
    _known(said, TOP, "")
    base = path.resolve().parent
    landing = _table(said.get("landing", {}), "landing")
    _known(landing, LANDING, "landing.")
    feeds = _table(said.get("feeds", {}), "feeds")
    if not feeds:
        raise SettingsError(f"{path} names no feed. Add [feeds.shop] with kind and path.")
    given = _table(said, "")
    memory = _memory(os.environ.get("SHOPLAKE_MEMORY_LIMIT") or given.get("memory_limit"))
    lake = _location(base, os.environ.get("SHOPLAKE_LAKE") or _text(given.get("lake", "lake"), "lake"))
    return Settings(
        lake=lake,
        feeds=tuple(_feed(name, _table(each, f"feeds.{name}"), base, kinds) for name, each in feeds.items()),
        **_engine(given, lake),
        memory_limit=memory,
        max_files_per_batch=_count(landing.get("max_files_per_batch", 10_000), "landing.max_files_per_batch"),
        max_bytes_per_batch=size(
            landing.get("max_bytes_per_batch", min(MAX_BYTES, (memory or MAX_BYTES * 2) // 2)),
            "landing.max_bytes_per_batch",
        ),
        on_changed_file=_choice(
            landing.get("on_changed_file", "reject"), ("reject", "replace"), "landing.on_changed_file"
        ),
        min_file_age_s=_count(landing.get("min_file_age_s", 0), "landing.min_file_age_s", least=0),
    )


def _engine(said: Mapping[str, Any], lake: str) -> dict[str, Any]:
    """What computes, where it is, and in whose catalog."""
    engine = _choice(os.environ.get("SHOPLAKE_ENGINE") or said.get("engine", "sail"), ENGINES, "engine")
    remote, catalog = os.environ.get("SHOPLAKE_REMOTE") or said.get("remote"), said.get("catalog")
    if engine == "sail":
        for name in ("remote", "catalog"):
            if name in said and "SHOPLAKE_ENGINE" not in os.environ:
                raise SettingsError(f'shoplake.toml: {name} is Spark\'s. Set engine = "spark", or leave {name} out.')
        return {"engine": engine}
    if remote == LOCAL:
        _fits_local(lake, catalog)
    elif remote is not None:
        _address(_text(remote, "remote"))
    if catalog is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", _text(catalog, "catalog")):
        raise SettingsError(f"shoplake.toml: catalog = {catalog!r} is no name: letters, digits and _.")
    return {"engine": engine, "remote": remote, "catalog": catalog}


def _fits_local(lake: str, catalog: object) -> None:
    if catalog is not None:
        raise SettingsError("shoplake.toml: the local Spark forgets names when it stops. Leave catalog out.")
    if "://" in lake:
        raise SettingsError(f'shoplake.toml: the local Spark reaches no {lake}. Use a folder, or engine = "sail".')


def _address(remote: str) -> None:
    if not remote.startswith("sc://"):
        raise SettingsError(f'shoplake.toml: remote = {remote!r} is neither "local" nor an address "sc://host:port".')
    if "token=" in remote:
        raise SettingsError("shoplake.toml: remote holds a token. Put it into SHOPLAKE_SPARK_TOKEN instead.")


def size(said: object, name: str) -> int:
    """A number of bytes, as in `"4 GiB"`."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", str(said))
    unit = UNITS.get(found[2].upper()) if found else None
    if found is None or unit is None or float(found[1]) <= 0:
        raise SettingsError(f'{name} = {said!r} is no size. Write one such as "4 GiB" or "500 MB".')
    return int(float(found[1]) * unit)


def _feed(name: str, said: Mapping[str, Any], base: Path, kinds: Mapping[str, FeedKind]) -> Feed:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        raise SettingsError(f"feeds.{name}: a feed's name is a letter, then letters, digits, _ and -.")
    _known(said, FEED, f"feeds.{name}.")
    if "kind" not in said or "path" not in said:
        raise SettingsError(f"feeds.{name} needs kind (one of {', '.join(sorted(kinds))}) and path.")
    zone, currency = _text(said.get("timezone", "UTC"), f"feeds.{name}.timezone"), said.get("currency")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f"feeds.{name}.timezone = {zone!r} is no time zone. Write one such as Europe/London."
        ) from error
    kind = kinds[_choice(said["kind"], sorted(kinds), f"feeds.{name}.kind")]
    folder = _location(base, _text(said["path"], f"feeds.{name}.path"))
    is_strict = (
        _choice(said.get("schema_drift", "evolve"), ("evolve", "quarantine"), f"feeds.{name}.schema_drift")
        == "quarantine"
    )
    money = None if currency is None else _text(currency, f"feeds.{name}.currency")
    return Feed(name, kind, folder, zone, money, is_strict)


def _known(said: Mapping[str, Any], names: Collection[str], prefix: str) -> None:
    for name in said:
        if name not in names:
            raise SettingsError(f"shoplake.toml: nothing is called '{prefix}{name}'. {hint(name, names)}")


def _table(said: object, name: str) -> Mapping[str, Any]:
    if not isinstance(said, dict):
        raise SettingsError(f"shoplake.toml: {name} is a table: write [{name}], then its settings.")
    return said


def _text(said: object, name: str) -> str:
    if not isinstance(said, str) or not said:
        raise SettingsError(f"shoplake.toml: {name} = {said!r} must be a text in quotes.")
    return said


def _choice(said: object, names: Collection[str], name: str) -> str:
    if said not in names:
        raise SettingsError(f"shoplake.toml: {name} = {said!r}. {hint(str(said), names)}")
    return str(said)


def _count(said: object, name: str, least: int = 1) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or said < least:
        raise SettingsError(f"shoplake.toml: {name} = {said!r} must be a whole number, {least} or more.")
    return said


def _memory(said: object) -> int | None:
    return None if said is None else size(said, "memory_limit")


def _location(base: Path, said: str) -> str:
    """An object-store URL as it is; a path made absolute from the folder of the settings file."""
    if "://" not in said:
        return str((base / Path(said).expanduser()).resolve())
    if not re.fullmatch(rf"{STORE}[^/]+(/.*)?", said):
        raise SettingsError(
            f"shoplake.toml: {said!r} is in no store that is known here. Write a path, or {STORE}bucket."
        )
    return said.rstrip("/")
