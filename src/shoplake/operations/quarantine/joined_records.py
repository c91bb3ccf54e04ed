"""Quarantined records that are made of several records of bronze, such as an item and its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from shoplake.columns.record_place import is_corrected_file, landed_file, record_id
from shoplake.errors import LandingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shoplake.operations.quarantine.originals import BronzeRecords

WIDEST_PART = 100
"""Lines of one part; no record of a file has more."""


def find_parts(bronze: BronzeRecords, records: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return by the id of each quarantined record the rows of bronze whose texts, one a line, are its text.

    Of equal texts the part is the one at the record's own place or behind it in its file, else the last that arrived.
    A record whose text is not put together in this way is left out.
    """
    texts = {text for record in records for text in _spans(record["raw"].split("\n"))}
    by_text: dict[str, list[Any]] = {}
    for name in bronze.names if texts else ():
        read = bronze.engine.read(bronze.catalog[name]).withColumn("_id", record_id())
        for row in read.where(F.col("raw").isin([*texts])).withColumn("_table", F.lit(name)).collect():
            by_text.setdefault(row["raw"], []).append(row)
    found = {record["record_id"]: _tile(record, by_text) for record in records}
    return {id: parts for id, parts in found.items() if parts}


def parts_in_own_files(bronze: BronzeRecords, records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the ids of the parts that are in the file of their joined record; those in others may be of several."""
    ids = [record["record_id"] for record in records]
    known = {id for rows in bronze.find(ids).values() for id in rows}
    joined = {record["record_id"]: record for record in records if record["record_id"] not in known}
    parts = find_parts(bronze, [*joined.values()])
    return [
        part["_id"] for id, some in parts.items() for part in some if landed_file(part["file"]) == joined[id]["file"]
    ]


def split_correction(record: Mapping[str, Any], parts: Sequence[Any], raw: str) -> list[str]:
    """Return the corrected texts of the parts of a record. Raises LandingError for another number of lines."""
    lines, sizes = raw.split("\n"), [part["raw"].count("\n") + 1 for part in parts]
    if len(lines) != sum(sizes):
        raise LandingError(
            f"The correction of the record {record['record_id']} has {len(lines)} lines instead of {sum(sizes)}. It is "
            f"made of {len(parts)} records, one after the other: leave each of them on its lines."
        )
    ends = [sum(sizes[: number + 1]) for number in range(len(sizes))]
    return ["\n".join(lines[end - size : end]) for end, size in zip(ends, sizes, strict=True)]


def _spans(lines: Sequence[str]) -> Iterator[str]:
    """Yield the texts that may be a part: one line, and several that begin and end a quoted cell."""
    for first, line in enumerate(lines):
        yield line
        if '"' in line:
            for end in range(first + 2, min(first + WIDEST_PART, len(lines)) + 1):
                yield "\n".join(lines[first:end])


def _tile(record: Mapping[str, Any], by_text: Mapping[str, list[Any]]) -> list[Any]:
    """Return the rows that make up the text of a record, in order; none where they do not."""
    lines = record["raw"].split("\n")
    parts: list[Any] = []
    at = 0
    while at < len(lines):
        size = next((n for n in range(1, len(lines) - at + 1) if "\n".join(lines[at : at + n]) in by_text), None)
        if size is None:
            return []
        rows = [row for row in by_text["\n".join(lines[at : at + size])] if row["feed"] == record["feed"]]
        part = _choose(record, parts, rows)
        if part is None:
            return []
        parts.append(part)
        at += size
    return parts


def _choose(record: Mapping[str, Any], parts: Sequence[Any], rows: Sequence[Any]) -> Any | None:
    """Return the part among rows of one text: the next in the record's own file, else the last that arrived."""
    after = parts[-1]["line"] if parts else (record["line"] or 1) - 1
    own = [row for row in rows if landed_file(row["file"]) == record["file"] and (row["line"] or 0) > after]
    if own:
        first = min(row["line"] for row in own)
        return max((row for row in own if row["line"] == first), key=_arrival)
    others = [row for row in rows if landed_file(row["file"]) != record["file"]]
    return max(others, key=_arrival, default=None)


def _arrival(row: Any) -> tuple[Any, ...]:
    return row["batch_id"], is_corrected_file(row["file"]), row["file"], row["line"] or 0
