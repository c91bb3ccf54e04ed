"""What is known of a table without reading its rows: by its log in a folder, or by SQL where a catalog keeps it.

`at` is the folder or URL of a table, or its address in a catalog. Delta's library is loaded for folders alone.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from shoplake.engine.storage.catalog.address import CatalogAddress
from shoplake.engine.storage.catalog.catalog_log import CatalogLog
from shoplake.errors import VersionNotFoundError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    import pyarrow as pa

    from shoplake.engine.storage.commit_diff import CommitDiff
    from shoplake.engine.storage.folder_log import FolderLog


MANY_FILES = 12


def log_of(at: str) -> FolderLog | CatalogLog:
    """Return what answers for the table: SQL, or the log in its folder."""
    if isinstance(at, CatalogAddress):
        return CatalogLog(at)
    from shoplake.engine.storage.folder_log import FolderLog  # a client of a catalog does without Delta's library

    return FolderLog(at)


def table_exists(at: str) -> bool:
    """Whether the table has been created."""
    return log_of(at).exists()


def table_version(at: str) -> int:
    """Return the number of the table's last commit."""
    return log_of(at).version()


def table_id(at: str) -> str:
    """Return what tells the table from any other, also from one that was here before."""
    return log_of(at).table_id()


def row_count(at: str, batch: str | None = None) -> int:
    """Return the number of rows, of the table or of a batch in it."""
    return log_of(at).row_count(batch)


def table_size(at: str) -> tuple[int, int]:
    """Return the number of data files of the current version, and their size in bytes."""
    return log_of(at).size()


def file_paths(at: str) -> list[str]:
    """Return the table's data files, by their path in its folder; none in a catalog, which alone knows them."""
    return log_of(at).file_paths()


def partition_values(at: str, column: str) -> set[str]:
    """Return the values of a partition column that the table holds, as text."""
    return log_of(at).partition_values(column)


def null_counts(at: str) -> dict[str, int | None]:
    """Return how many nulls each column has; None where the log does not say."""
    return log_of(at).null_counts()


def scanned_null_counts(at: str, columns: Iterable[str]) -> dict[str, int]:
    """Count the nulls of columns of which the log keeps no count; none in a catalog, where all are counted."""
    if isinstance(at, CatalogAddress):
        return {}
    from shoplake.engine.storage import null_scan

    return null_scan.scanned_null_counts(at, columns)


def scan_batch(at: str, batch: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield columns of the rows of one batch; in a catalog rows that are the same in all of them, once."""
    return log_of(at).scan_batch(batch, columns)


def delete_batches(at: str, batches: Collection[str]) -> None:
    """Delete the rows of `batches` from a table that is partitioned by `batch_id`, if there are any."""
    log_of(at).delete_batches(batches)


def compact(at: str, partition_by: Collection[str], max_files: int = MANY_FILES) -> None:
    """Compact the small files in each partition that has more than `max_files` of them; a catalog does so itself."""
    log_of(at).compact(partition_by, max_files)


def diff_commits(at: str, since: int, until: int, partition_by: Collection[str] = ()) -> CommitDiff | None:
    """Return what the commits after version `since`, up to `until`, changed; None where that is not known any more.

    `partition_by` are the table's partition columns; a log in a folder knows them.
    Rows whose retention is over are no change.
    """
    return log_of(at).diff(since, until, partition_by)


def is_complete(at: str, diff: CommitDiff) -> bool:
    """Whether the rows that changed can still be read: a vacuum deletes old files."""
    return log_of(at).is_complete(diff)


def has_expiry(at: str, since: int, until: int) -> bool:
    """Whether a commit after version `since`, up to `until`, deleted expired rows; not if the log no longer has it."""
    return log_of(at).has_expiry(since, until)


def commit_times(at: str) -> dict[int, datetime]:
    """Return when each version that is in the log was committed, to the millisecond, the oldest first."""
    return log_of(at).commit_times()


def last_commit_at(at: str) -> datetime:
    """Return when the current version was committed, by the clock of its writer, to the millisecond."""
    return log_of(at).last_commit_at()


def is_readable(at: str, version: int) -> bool:
    """Whether the rows of a version can still be read."""
    return log_of(at).is_readable(version)


def check_readable(at: str, name: str, version: int) -> None:
    """Raise VersionNotFoundError, with those of the table `name` that can be read, where a version cannot."""
    if is_readable(at, version):
        return
    *older, last = commit_times(at)
    readable = list(takewhile(lambda each: is_readable(at, each), reversed(older)))
    raise VersionNotFoundError(name, version, min(readable, default=last), last)
