"""The JSON of the Delta Sharing protocol: pages of names, and the lines that describe a table and its files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shoplake.serve.api.problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shoplake.serve.sharing.shared_tables import DataFile, SharedTable

SHARE = "shoplake"
NDJSON = "application/x-ndjson; charset=utf-8"
VERSION_HEADER = "Delta-Table-Version"


def page(items: Sequence[dict[str, Any]], max_results: int | None, token: str | None) -> dict[str, Any]:
    """Return a page of items; `nextPageToken` is there where more follow. Raises ProblemError 422 for a bad token."""
    if token and not token.isdecimal():
        raise ProblemError(422, f"The pageToken '{token[:40]}' is not one that this server gave out.")
    start = int(token or 0)
    end = len(items) if max_results is None else start + max_results
    more = {"nextPageToken": str(end)} if end < len(items) else {}
    return {"items": list(items[start:end]), **more}


def table_item(name: str) -> dict[str, str]:
    """Return the entry of a table in a list."""
    schema, _, table = name.partition(".")
    return {"share": SHARE, "schema": schema, "name": table}


def header_lines(table: SharedTable) -> list[dict[str, Any]]:
    """Return the protocol and the metadata of a table."""
    return [
        {"protocol": {"minReaderVersion": 1}},
        {
            "metaData": {
                "id": table.id,
                "name": table.name,
                "description": table.description,
                "format": {"provider": "parquet"},
                "schemaString": table.schema_json,
                "partitionColumns": list(table.partition_by),
                "configuration": {},
                "numFiles": len(table.files),
                "size": sum(file.size for file in table.files),
            }
        },
    ]


def file_lines(
    table: SharedTable, limit: int | None, expires_at: int, url_of: Callable[[DataFile], str]
) -> Iterator[dict[str, Any]]:
    """Yield the files of a table; with a limit only as many as have that many rows."""
    rows = 0
    for file in table.files:
        if limit is not None and rows >= limit:
            return
        rows += file.rows
        yield {
            "file": {
                "url": url_of(file),
                "id": file.path,
                "partitionValues": file.partition_values,
                "size": file.size,
                "stats": json.dumps({"numRecords": file.rows}),
                "expirationTimestamp": expires_at * 1000,
            }
        }


def ndjson(lines: Sequence[dict[str, Any]]) -> bytes:
    """Return one JSON object a line."""
    return b"".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for line in lines)
