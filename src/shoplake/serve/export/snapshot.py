"""The table versions of the last finished run, which an export reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from shoplake.engine import (
    CHECKSUMS,
    RUN_MARKER,
    TABLE_RUNS,
    check_format,
    check_heads,
    load_table,
    table_exists,
    to_micros,
)
from shoplake.errors import ExportError, TableNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from deltalake import DeltaTable

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import StateStore
    from shoplake.settings import Settings

MAINTENANCE = {"OPTIMIZE", "VACUUM START", "VACUUM END"}
"""Operations of commits that leave the rows as they are."""


class SourceLake(Protocol):
    """What an export needs of a lake."""

    @property
    def settings(self) -> Settings:
        """The settings, with the lake's folder."""

    @property
    def catalog(self) -> Catalog:
        """The declared tables."""

    @property
    def state(self) -> StateStore:
        """The results of the runs."""

    def path(self, name: str) -> str:
        """Return the folder of a table."""


@dataclass(frozen=True)
class Snapshot:
    """The last finished run, and the version of each table that it left."""

    run_id: str
    run_started_at: datetime
    versions: Mapping[str, int]
    """`layer.table` to its Delta version."""


def last_snapshot(lake: SourceLake) -> Snapshot:
    """Return the table versions of the last finished run; those of a run in progress or interrupted are left out.

    Raises TableNotFoundError where no run has finished, and IncompatibleLakeError.
    """
    check_format(lake.settings.lake)
    state = lake.state
    has_runs = table_exists(state.path(TABLE_RUNS)) and table_exists(state.path(CHECKSUMS))
    finished_at = state.marker(CHECKSUMS, RUN_MARKER) if has_runs else None
    if finished_at is None:
        raise TableNotFoundError(TABLE_RUNS.qualified_name, lake.settings.lake)
    rows = state.read(TABLE_RUNS, ["run_id", "table", "version", "run_started_at"])
    finished = sorted(
        (row for row in rows if to_micros(row["run_started_at"]) <= finished_at),
        key=lambda row: (row["run_started_at"], row["version"]),
    )
    if not finished:
        raise TableNotFoundError(TABLE_RUNS.qualified_name, lake.settings.lake)
    last = finished[-1]
    return Snapshot(last["run_id"], last["run_started_at"], {row["table"]: row["version"] for row in finished})


def load_version(lake: SourceLake, table: Table[...], version: int) -> DeltaTable:
    """Return a handle of the table at a version; where only maintenance followed, at the newest one.

    Raises TableDamagedError, and ExportError where the files of the version are deleted.
    """
    path = lake.path(table.qualified_name)
    if not table_exists(path):
        raise TableNotFoundError(table.qualified_name, lake.settings.lake)
    check_heads(lake.settings.lake, [table.path])
    handle = load_table(path)
    later = int(handle.version()) - version
    if later > 0 and not _is_maintained(handle, later):
        handle.load_as_version(version)
    return handle


def vacuumed(table: str, version: int) -> ExportError:
    """Return the error for a version whose files are deleted."""
    return ExportError(
        f"Files of version {version} of {table}, the one of the last finished run, are deleted. "
        "Finish a run, then export again: shoplake run"
    )


def _is_maintained(handle: DeltaTable, commits: int) -> bool:
    """Whether the last commits are all maintenance."""
    return all(commit.get("operation") in MAINTENANCE for commit in handle.history(commits))
