"""The `ops` tables in the folder of a lake, written by Delta's library without an engine."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from deltalake import CommitProperties, PostCommitHookProperties, Transaction, write_deltalake

from shoplake.engine.state.ops_tables import OPS
from shoplake.engine.storage import delta_log, table_cache
from shoplake.engine.storage.durability.durable_heads import mark_durable
from shoplake.engine.storage.durability.sync import sync_lake
from shoplake.engine.storage.filesystem import check_writable
from shoplake.engine.storage.table_cache import open_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    import pyarrow.dataset as ds

    from shoplake.declare import Table

SHORT_RETENTION = dict.fromkeys(
    ("delta.logRetentionDuration", "delta.deletedFileRetentionDuration"), "interval 1 hours"
)
"""Earlier versions of the state store are of use only to those who read it just now."""
LARGE_FILE = 8 << 20
"""Bytes; a file that has grown so large is not compacted any more."""
READ_BATCH_ROWS = 65_536
"""Rows read at a time."""
COMPACT_MARKER = "tidy"
COMMIT_INTERVAL_S = 5.0

log = logging.getLogger("shoplake.engine.state")


class FolderOps:
    """The tables in `<lake>/ops`; markers are Delta's transaction identifiers."""

    def __init__(self, lake: str) -> None:
        self._lake = lake

    def create_if_missing(self) -> None:
        """Create the ops tables unless they exist."""
        for table in OPS:
            delta_log.create_if_missing(table, self.path(table), SHORT_RETENTION)

    def forget(self) -> None:
        """Do nothing: what is remembered of a table is compared with its log each time."""

    def path(self, table: Table[...]) -> str:
        """Return the folder of an ops table."""
        return f"{self._lake}/{table.path}"

    def scan(self, table: Table[...], columns: list[str] | None, where: ds.Expression | None) -> pa.Table:
        """Return rows of an ops table, read block by block, so that rows left out are not held in memory."""
        dataset = open_table(self.path(table)).to_pyarrow_dataset()
        return dataset.to_table(columns, where, batch_size=READ_BATCH_ROWS, batch_readahead=2, fragment_readahead=2)

    def marker(self, table: Table[...], name: str) -> int | None:
        """Return the number that a commit to an ops table last recorded under a name."""
        return table_cache.transaction_version(self.path(table), name)

    def write(
        self, table: Table[...], rows: pa.Table, mode: Literal["append", "overwrite"], markers: Mapping[str, int]
    ) -> None:
        """Append rows to an ops table or overwrite all, and record markers, in one commit.

        Raises OSError where the lake can only be read.
        """
        check_writable(self._lake)
        mark_durable(self._lake)  # what is recorded here is on the disk before the record is
        write_deltalake(
            open_table(self.path(table)),
            rows,
            mode=mode,
            commit_properties=_commit_markers(markers),
            post_commithook_properties=PostCommitHookProperties(cleanup_expired_logs=False),
        )

    @property
    def commit_interval_s(self) -> float:
        """How often a run commits its results."""
        return COMMIT_INTERVAL_S

    def compact(self, every: int) -> None:
        """Compact small files and delete unused ones, of each table with `every` commits since the last time."""
        for table in OPS:
            delta = open_table(self.path(table))
            if delta.version() - (self.marker(table, COMPACT_MARKER) or 0) < every:
                continue
            log.info("compact %s", table.qualified_name)
            delta.optimize.compact(target_size=LARGE_FILE)
            marker = _commit_markers({COMPACT_MARKER: delta.version()})
            delta.vacuum(dry_run=False, commit_properties=marker)
            delta.create_checkpoint()
            sync_lake(self._lake)  # before the commits are deleted that the checkpoint replaces
            delta.cleanup_metadata()


def _commit_markers(markers: Mapping[str, int]) -> CommitProperties:
    """Return markers as a commit records them."""
    return CommitProperties(app_transactions=[Transaction(name, number) for name, number in markers.items()])
