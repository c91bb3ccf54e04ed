"""What an engine supports: a writer option that it would silently ignore raises an error instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shoplake.errors import UnsupportedFeatureError

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import DataFrame, DataFrameWriter


@dataclass(frozen=True)
class EngineCapabilities:
    """An engine's name, the Delta write options that it honours, and whether it has Delta's own SQL.

    That is `OPTIMIZE`, `VACUUM`, `DESCRIBE HISTORY` and `RESTORE`; without it delta-rs does the same. `codec`
    compresses staged rows: on Sail cheaper to write and read than snappy, and less than half the size of none.
    `is_in_process` says that no other process uses the engine; `compiles_queries`, that it may also interpret them;
    `shares_disk`, that another process reads files on the disk of this machine.
    """

    name: str
    options: frozenset[str]
    codec: str
    has_maintenance: bool = False
    is_in_process: bool = False
    compiles_queries: bool = False
    shares_disk: bool = False

    @property
    def is_local(self) -> bool:
        """Whether shoplake starts the engine, with its own settings."""
        return self.is_in_process or self.shares_disk


SAIL = EngineCapabilities(
    "sail", frozenset({"replaceWhere", "mergeSchema", "overwriteSchema"}), "zstd(1)", is_in_process=True
)
SPARK = EngineCapabilities(
    "spark",
    SAIL.options | {"partitionOverwriteMode", "txnAppId", "txnVersion", "userMetadata", "maxRecordsPerFile"},
    "zstd",
    has_maintenance=True,
    compiles_queries=True,
)


def writer(
    rows: DataFrame, engine: EngineCapabilities, mode: str, partition_by: Collection[str] = (), **options: str
) -> DataFrameWriter:
    """Return a Delta writer of those rows.

    Raises UnsupportedFeatureError for an option that the engine does not honour.
    """
    for name in options:
        if name not in engine.options:
            raise UnsupportedFeatureError(
                f"The engine '{engine.name}' ignores the writer option '{name}'. "
                f"It honours: {', '.join(sorted(engine.options))}."
            )
    delta = rows.write.format("delta").mode(mode)
    if partition_by:
        delta = delta.partitionBy(*partition_by)
    return delta.options(**options)
