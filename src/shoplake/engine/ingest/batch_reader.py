"""The records of a batch's files as rows of a bronze table, read by the engine's workers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.engine.ingest import record_reader
from shoplake.engine.ingest.formats.file_contents import BLOCK_BYTES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.ingest.file_discovery import Batch

WORKERS = 2
"""Tasks that read files at the same time."""
LARGE_FILE_BYTES = 16 << 20
"""The records of a file larger than this and all others are repartitioned, so that all workers have some."""


def read_batch(
    session: SparkSession,
    table: Table[...],
    batch: Batch,
    *,
    large_file_bytes: int = LARGE_FILE_BYTES,
    block_bytes: int = BLOCK_BYTES,
) -> DataFrame:
    """Return the raw records of the batch's files of a bronze table, with batch id and time of ingestion."""
    files = sorted(batch.into(table.name), key=lambda file: -file.size)
    rows = [(file.feed, file.path, file.name, record_reader.stream_to_json(file.stream)) for file in files]
    listed = session.createDataFrame(rows, struct_type(record_reader.FILES)).repartition(min(WORKERS, len(files)))
    read = partial(record_reader.read_files, block_bytes=block_bytes)
    arrival = {"batch_id": F.lit(batch.id), "ingested_at": F.lit(batch.ingested_at).cast("timestamp")}
    records = listed.mapInArrow(read, struct_type(record_reader.RECORDS)).withColumns(arrival)
    if files[0].size > max(large_file_bytes, sum(file.size for file in files[1:])):
        records = records.repartition(WORKERS)
    return records.select(*[column.name for column in table.columns])
