"""What an engine does with what a writer is told: an option that it would pass over in silence is refused instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shoplake.errors import UnsupportedFeatureError

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import DataFrame, DataFrameWriter


@dataclass(frozen=True)
class EngineCapabilities:
    """An engine: its name, the options of a Delta write that it honours, and whether Delta's own SQL is there.

    That is `OPTIMIZE`, `VACUUM`, `DESCRIBE HISTORY` and `RESTORE`; without it delta-rs does the same. Its `codec` is
    for rows on their way (measured on Sail: cheaper to write and read than snappy, less than half the size of nothing).
    One that is in our process has nobody else to work for.
    """

    name: str
    options: frozenset[str]
    codec: str
    has_maintenance: bool = False
    is_in_process: bool = False


SAIL = EngineCapabilities(
    "sail", frozenset({"replaceWhere", "mergeSchema", "overwriteSchema"}), "zstd(1)", is_in_process=True
)
SPARK = EngineCapabilities(
    "spark",
    SAIL.options | {"partitionOverwriteMode", "txnAppId", "txnVersion", "userMetadata", "maxRecordsPerFile"},
    "zstd",
    has_maintenance=True,
)


def writer(
    rows: DataFrame, offer: EngineCapabilities, mode: str, partition_by: Collection[str] = (), **options: str
) -> DataFrameWriter:
    """A Delta writer of those rows. Raises UnsupportedFeatureError for an option that the engine does not honour."""
    for name in options:
        if name not in offer.options:
            raise UnsupportedFeatureError(
                f"The engine '{offer.name}' would ignore the writer option '{name}' without a word. "
                f"It honours: {', '.join(sorted(offer.options))}."
            )
    made = rows.write.format("delta").mode(mode)
    if partition_by:
        made = made.partitionBy(*partition_by)
    return made.options(**options)
