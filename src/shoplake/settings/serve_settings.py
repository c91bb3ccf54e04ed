"""The settings of the section `[serve]`: address, workers, limits, and the folder of store and keys."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.settings.locations import resolve_folder
from shoplake.settings.settings_section import InvalidValueError

if TYPE_CHECKING:
    from shoplake.settings.settings_section import Section

NAMES = (
    *("host", "port", "workers", "folder", "trusted_hosts", "memory_limit"),
    *("requests_per_second", "query_timeout_s", "refresh_interval_s"),
)
MAX_PORT = 65_535
MIB = 2**20


@dataclass(frozen=True)
class ServeSettings:
    """How a lake is served.

    The server listens at `host` and `port` with `workers` processes. `folder` has the store, which can be deleted, and
    the keys. Requests must name the host itself or one of `trusted_hosts`. Each key may send `requests_per_second`.
    A query ends after `query_timeout_s`; all queries of a worker together use at most `memory_limit` bytes.
    New finished runs are looked for every `refresh_interval_s`.
    """

    folder: str = ".shoplake"
    host: str = "127.0.0.1"
    port: int = 8321
    workers: int = 1
    trusted_hosts: tuple[str, ...] = ()
    requests_per_second: int = 100
    query_timeout_s: int = 10
    memory_limit: int = 512 * MIB
    refresh_interval_s: int = 10

    def store_folder(self, lake: str) -> Path:
        """Return the folder of a lake's store, which can be deleted at any time.

        Each lake has a store of its own, named by where it is from `folder`: a copy of a lake that is run with the same
        settings is not served in place of it, and a project that moves keeps its store.
        """
        place = lake if "://" in lake else os.path.relpath(lake, self.folder)
        digest = hashlib.sha256(place.encode()).hexdigest()[:8]
        return Path(self.folder) / "store" / f"{Path(place).name}-{digest}"


def read_serve_settings(section: Section, base: Path) -> ServeSettings:
    """Return the settings of the section; a relative folder is relative to `base`. Raises InvalidValueError."""
    section.check_names(NAMES)
    default = ServeSettings()
    port = section.count("port", default.port)
    if port > MAX_PORT:
        raise InvalidValueError(f"serve.port = {port} is no port. Write one from 1 to {MAX_PORT}.")
    return ServeSettings(
        folder=resolve_folder(base, section.text("folder", default.folder)),
        host=section.text("host", default.host),
        port=port,
        workers=section.count("workers", default.workers),
        trusted_hosts=section.texts("trusted_hosts"),
        requests_per_second=section.count("requests_per_second", default.requests_per_second),
        query_timeout_s=section.count("query_timeout_s", default.query_timeout_s),
        memory_limit=section.size("memory_limit", default.memory_limit) or default.memory_limit,
        refresh_interval_s=section.count("refresh_interval_s", default.refresh_interval_s),
    )
