"""Earlier versions of a Delta table: when each was committed, and whether its files are still there."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

import pyarrow as pa

from shoplake.engine.library_errors import library_errors
from shoplake.engine.storage import delta_log, filesystem
from shoplake.engine.storage.catalog.address import check_folder
from shoplake.engine.storage.table_cache import load_table


def commit_times(at: str) -> dict[int, datetime]:
    """Return when each version that is in the log was committed, to the millisecond, the oldest first."""
    times = {
        int(row["version"]): datetime.fromtimestamp(row["timestamp"] / 1000, UTC)
        for row in load_table(at).history()
        if "timestamp" in row
    }
    return dict(sorted(times.items()))


def last_commit_at(at: str) -> datetime:
    """Return when the current version was committed, by the clock of its writer, to the millisecond."""
    [commit] = load_table(at).history(1)
    return datetime.fromtimestamp(commit["timestamp"] / 1000, UTC)


def version_files(at: str, version: int) -> list[str] | None:
    """Return the data files of a version, by their path in the table's folder; None where its log is gone."""
    from deltalake import DeltaTable

    check_folder(at)
    try:
        table = DeltaTable(at, version=version, storage_options=filesystem.delta_options(at))
        paths = pa.table(table.get_add_actions(flatten=True)).column("path").to_pylist()
        return [unquote(path) for path in paths]
    except library_errors(OverflowError):  # of a number of 20 digits
        return None


def is_readable(at: str, version: int) -> bool:
    """Whether the log and all data files of a version are still there."""
    files = version_files(at, version)
    return files is not None and delta_log.files_exist(at, [f"{at}/{file}" for file in files])
