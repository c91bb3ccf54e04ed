"""The files of a Delta table as they lie on the storage: data files, unused files, commits and checkpoints."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pyarrow import fs

from shoplake.engine.storage import filesystem
from shoplake.engine.storage.commit_diff import EXPIRED
from shoplake.engine.storage.durability.log_folder import CHECKPOINT, COMMIT
from shoplake.engine.storage.durability.sync import sync_lake
from shoplake.engine.storage.table_cache import data_files, load_table

if TYPE_CHECKING:
    from collections.abc import Collection

HOUR_S = 3600
LOG_RETENTION = "delta.logRetentionDuration"
DEFAULT_LOG_RETENTION = timedelta(days=30)
"""That of Delta Lake itself, for a table without the property."""


@dataclass(frozen=True)
class TableFiles:
    """The files of one table.

    `files` and `size` (bytes) are those of its current version, `small_files` those that a compaction would put
    together. `unused_files` belong to no version that is to be kept. `expired_commits` are those that can leave the
    log, up to version `expired_until`. `checkpoint` is the version of the last checkpoint; None without one.
    """

    version: int
    files: int
    size: int
    small_files: int
    unused_files: int
    unused_size: int
    commits: int
    log_size: int
    checkpoint: int | None
    expired_commits: int
    expired_until: int

    @property
    def commits_since_checkpoint(self) -> int:
        """Commits that a reader has to read one by one."""
        return self.version - (-1 if self.checkpoint is None else self.checkpoint)


def scan_table_files(
    at: str,
    keep_versions: timedelta,
    log: timedelta,
    *,
    small_size: int,
    max_files: int,
    now: datetime | None = None,
) -> TableFiles:
    """Return what lies in the folder of a table. Partitions of more than `max_files` small files have small files."""
    files, delta = data_files(at), load_table(at)
    unused = unused_files(at, int(keep_versions.total_seconds() // HOUR_S))
    entries = _log_entries(at)
    commits = {int(match[1]): info for info in entries if (match := COMMIT.fullmatch(info.base_name))}
    checkpoints = {int(match[1]): info for info in entries if (match := CHECKPOINT.fullmatch(info.base_name))}
    cutoff = (now or datetime.now(UTC)) - log
    old = [version for version, info in checkpoints.items() if info.mtime < cutoff]
    expired = [version for version in commits if version < max(old, default=0)]
    return TableFiles(
        version=int(delta.version()),
        files=files.num_rows,
        size=int(sum(files.column("size_bytes").to_pylist())),
        small_files=count_small_files(at, delta.metadata().partition_columns, small_size, max_files),
        unused_files=len(unused),
        unused_size=sum(info.size or 0 for info in unused),
        commits=len(commits),
        log_size=sum(info.size or 0 for info in entries),
        checkpoint=max(checkpoints, default=None),
        expired_commits=len(expired),
        expired_until=max(expired, default=-1),
    )


def unused_files(at: str, hours: int) -> list[fs.FileInfo]:
    """Return the files that no version of the last `hours` needs.

    delta-rs also lists those that a vacuum has deleted, until their removal leaves the log.
    """
    listed = load_table(at).vacuum(hours, dry_run=True, enforce_retention_duration=False, full=True)
    return [info for info in _infos([f"{at}/{name}" for name in listed]) if info.type is fs.FileType.File]


def count_small_files(at: str, partition_by: Collection[str], small_size: int, max_files: int) -> int:
    """Return how many files a compaction of the partitions of more than `max_files` small files would save."""
    files = data_files(at)
    sizes = files.column("size_bytes").to_pylist()
    keys = [files.column(f"partition.{name}").to_pylist() for name in partition_by]
    partitions = zip(*keys, strict=True) if keys else [()] * files.num_rows
    counts = Counter(each for each, size in zip(partitions, sizes, strict=True) if size < small_size)
    return sum(count - 1 for count in counts.values() if count > max_files)


def clean_log(lake: str, at: str, log: timedelta) -> None:
    """Write a checkpoint, and delete the commits that are older than `log` and that an older checkpoint replaces."""
    table = load_table(at)
    wanted = f"interval {int(log.total_seconds() // HOUR_S)} hours"
    stored = table.metadata().configuration.get(LOG_RETENTION)
    if stored != wanted and (stored is not None or log != DEFAULT_LOG_RETENTION):
        table.alter.set_table_properties({LOG_RETENTION: wanted})
        table = load_table(at)
    table.create_checkpoint()
    sync_lake(lake)  # before the commits are deleted that a checkpoint replaces
    table.cleanup_metadata()


def delete_expired(at: str, where: str) -> int:
    """Delete the rows that satisfy a condition, in one commit that is no change for readers; return how many."""
    from deltalake import CommitProperties

    marked = CommitProperties(custom_metadata={EXPIRED: "true"})
    return int(load_table(at).delete(where, commit_properties=marked)["num_deleted_rows"])


def _log_entries(at: str) -> list[fs.FileInfo]:
    where, folder = filesystem.filesystem_for(f"{at}/_delta_log")
    return [info for info in where.get_file_info(fs.FileSelector(folder)) if info.type is fs.FileType.File]


def _infos(urls: list[str]) -> list[fs.FileInfo]:
    if not urls:
        return []
    where, _ = filesystem.filesystem_for(urls[0])
    infos: list[fs.FileInfo] = where.get_file_info([filesystem.filesystem_for(url)[1] for url in urls])
    return infos
