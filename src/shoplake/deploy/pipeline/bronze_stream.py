"""The raw records of arriving files as a stream: what a bronze table of a pipeline is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.deploy.pipeline.whole_tables import typed
from shoplake.engine import RECORDS, read_file, stream_from_json, stream_to_json
from shoplake.pipeline.streaming.streaming_query import file_name, file_stream
from shoplake.transforms.known_columns import select_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Feeds, Table

MAX_FILES = 10_000
"""Files of a micro-batch, for each feed."""
LISTED = ("feed", "path", "batch_id", "ingested_at")
ARRIVED = f"{RECORDS}, batch_id string, ingested_at timestamp"
BATCH = "yyyyMMdd'T'HHmmss.SSSSSS"


def bronze_stream(session: SparkSession, table: Table[...], feeds: Feeds) -> DataFrame:
    """Return the records of all files of a bronze table as a stream, each path once.

    A file is a batch of its own: its time of modification is the time of its ingestion and, as text, its batch id.
    """
    streams = {
        feed.name: tuple(stream_to_json(stream) for stream in feed.kind.streams if stream.into == table.name)
        for feed in feeds
    }
    files = file_stream(session, feeds, MAX_FILES).select(
        "feed",
        "path",
        F.date_format("modificationTime", BATCH).alias("batch_id"),
        F.col("modificationTime").alias("ingested_at"),
    )
    reader = FileReader({feed.name: feed.path for feed in feeds}, streams)
    records = select_known(files, LISTED).mapInArrow(reader, struct_type(ARRIVED))
    return typed(table, records)


@dataclass(frozen=True)
class FileReader:
    """Reads files that are given as rows of `LISTED`, each by the first stream of its feed that matches it.

    `folders` has the folder of each feed, `streams` its streams of one bronze table as JSON.
    """

    folders: dict[str, str]
    streams: dict[str, tuple[str, ...]]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the records of the files of a table's streams; others have none."""
        schema = None
        for batch in batches:
            schema = pa.schema([*_texts(), *[batch.schema.field(name) for name in LISTED[2:]]])
            for row in batch.to_pylist():
                yield from self._records(row, schema)

    def _records(self, row: dict[str, str], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        name = relative_name(row["path"], self.folders[row["feed"]])
        streams = map(stream_from_json, self.streams[row["feed"]])
        stream = next((stream for stream in streams if name is not None and stream.matches(name)), None)
        if stream is None or name is None:
            return
        for part in read_file(f"{self.folders[row['feed']].rstrip('/')}/{name}", stream):
            same = {"feed": row["feed"], "file": name, "batch_id": row["batch_id"], "ingested_at": row["ingested_at"]}
            cells = {"raw": part.texts, "line": part.lines, "header": part.headers, "problem": part.problems}
            size = len(part.texts)
            columns = [
                cells[field.name].cast(field.type)
                if field.name in cells
                else pa.array([same[field.name]] * size, field.type)
                for field in schema
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)


def relative_name(path: str, folder: str) -> str | None:
    """Return a path as Spark lists it as the path in a folder; None where it does not lie there."""
    from shoplake.declare import Feed, FeedKind

    return file_name(path, Feed("", FeedKind("", "", (), {}), folder))


def _texts() -> list[pa.Field]:
    kinds = {"string": pa.string(), "bigint": pa.int64()}
    return [pa.field(name, kinds[kind]) for name, kind in map(str.split, RECORDS.split(", "))]
