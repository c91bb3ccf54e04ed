"""What the log in a table's folder says, by Delta's library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shoplake.engine.storage import commit_diff, delta_log
from shoplake.engine.storage.table_cache import data_files
from shoplake.engine.storage.upkeep import past_versions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    import pyarrow as pa

    from shoplake.engine.storage.commit_diff import CommitDiff


@dataclass(frozen=True)
class FolderLog:
    """Answers by the log of the table in the folder `at`."""

    at: str

    def exists(self) -> bool:
        """Whether there is a table."""
        return delta_log.table_exists(self.at)

    def version(self) -> int:
        """Return the number of the last commit."""
        return delta_log.table_version(self.at)

    def table_id(self) -> str:
        """Return what tells the table from any other, also from one that was here before."""
        return delta_log.table_id(self.at)

    def row_count(self, batch: str | None = None) -> int:
        """Return the number of rows, of the table or of a batch in it."""
        return delta_log.row_count(self.at, batch)

    def size(self) -> tuple[int, int]:
        """Return the number of data files of the current version, and their size in bytes."""
        files = data_files(self.at)
        return files.num_rows, int(sum(files.column("size_bytes").to_pylist()))

    def file_paths(self) -> list[str]:
        """Return the data files, by their path in the folder."""
        return delta_log.file_paths(self.at)

    def partition_values(self, column: str) -> set[str]:
        """Return the values of a partition column, as text."""
        return delta_log.partition_values(self.at, column)

    def null_counts(self) -> dict[str, int | None]:
        """Return how many nulls each column has; None where the log does not say."""
        return delta_log.null_counts(self.at)

    def scan_batch(self, batch: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield columns of the rows of one batch, from its files and without a query."""
        return delta_log.scan_batch(self.at, batch, columns)

    def delete_batches(self, batches: Collection[str]) -> None:
        """Delete the rows of `batches`, if there are any."""
        delta_log.delete_batches(self.at, batches)

    def compact(self, partition_by: Collection[str], max_files: int) -> None:
        """Compact the small files in each partition that has more than `max_files` of them."""
        delta_log.compact(self.at, partition_by, max_files)

    def diff(self, since: int, until: int, partition_by: Collection[str] = ()) -> CommitDiff | None:
        """Return what the commits after version `since`, up to `until`, changed; None where the log is truncated."""
        return commit_diff.diff_commits(self.at, since, until)

    def is_complete(self, diff: CommitDiff) -> bool:
        """Whether the files of changes still lie in the table's folder."""
        return delta_log.files_exist(self.at, diff.files)

    def has_expiry(self, since: int, until: int) -> bool:
        """Whether a commit after version `since`, up to `until`, deleted expired rows."""
        return commit_diff.has_expiry(self.at, since, until)

    def commit_times(self) -> dict[int, datetime]:
        """Return when each version that is in the log was committed, the oldest first."""
        return past_versions.commit_times(self.at)

    def last_commit_at(self) -> datetime:
        """Return when the current version was committed, by the clock of its writer."""
        return past_versions.last_commit_at(self.at)

    def is_readable(self, version: int) -> bool:
        """Whether the log and all data files of a version are still there."""
        return past_versions.is_readable(self.at, version)
