"""The lake that an export reads: its last finished run, and tables at the versions of that run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from shoplake.engine import (
    TABLE_RUNS,
    check_format,
    check_heads,
    load_table,
    table_exists,
)
from shoplake.errors import TableNotFoundError
from shoplake.serve.errors import ExportError
from shoplake.serve.store.finished_run import FinishedRun, find_finished_run

if TYPE_CHECKING:
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


def last_finished_run(lake: SourceLake) -> FinishedRun:
    """Return the last finished run; one in progress or interrupted is none.

    Raises TableNotFoundError where no run has finished, and IncompatibleLakeError.
    """
    check_format(lake.settings.lake)
    if (run := find_finished_run(lake.state)) is None:
        raise TableNotFoundError(TABLE_RUNS.qualified_name, lake.settings.lake)
    return run


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
