"""The shapes of a batch's records: headers, field names, and files that do not fit their stream's options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.engine.ingest.formats.raw_records import MISREAD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Shape:
    """A header or JSON array of field names, or a problem of a whole file, and the first file that has it."""

    feed: str
    file: str
    header: str | None = None
    problem: str | None = None


def find_shapes(records: DataFrame) -> list[Shape]:
    """Return the shapes in bronze records, in the order of their files; one query."""
    is_misread = F.col("problem").isin(*MISREAD)
    shaped = records.where(F.col("header").isNotNull() | is_misread).select(
        "feed",
        "header",
        F.when(is_misread, F.col("problem")).alias("misread"),
        F.when(is_misread, F.col("file")).alias("misread_file"),
        "file",
    )
    rows = shaped.groupBy("feed", "header", "misread", "misread_file").agg(F.min("file").alias("file"))
    return [Shape(row.feed, row.file, row.header, row.misread) for row in rows.orderBy("file").collect()]


def misread_files(shapes: Iterable[Shape]) -> list[str]:
    """Return one line for each file that does not fit the options of its stream."""
    found = {(shape.feed, shape.file, shape.problem): None for shape in shapes if shape.problem}
    return [f"{feed}: {file} {MISREAD[problem or '']}." for feed, file, problem in found]
