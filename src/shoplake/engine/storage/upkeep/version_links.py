"""An earlier version of a table as a table of its own: a log of one commit beside links to the data files.

Not by time travel: Sail 0.7.2 cannot read a version that is older than the last checkpoint.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deltalake import DeltaTable

PROTOCOL = {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}


def link_version(at: str, version: int, folder: Path) -> str:
    """Make the table in a folder, and return where it is. The version's log and files are there."""
    from deltalake import DeltaTable

    target = folder / str(version)
    log = target / "_delta_log"
    log.mkdir(parents=True)
    for entry in Path(at).iterdir():
        if entry.name != log.name:
            (target / entry.name).symlink_to(entry)
    actions = _actions(DeltaTable(at, version=version))
    (log / f"{0:020d}.json").write_text("\n".join(json.dumps(action) for action in actions))
    return str(target)


def _actions(table: DeltaTable) -> Iterator[dict[str, Any]]:
    """Yield the actions of a commit that has all files of a loaded version."""
    metadata = table.metadata()
    yield PROTOCOL
    yield {
        "metaData": {
            "id": str(metadata.id),
            "format": {"provider": "parquet", "options": {}},
            "schemaString": table.schema().to_json(),
            "partitionColumns": metadata.partition_columns,
            "configuration": {},
        }
    }
    for file in pa.table(table.get_add_actions(flatten=True)).to_pylist():
        values = {name: file[f"partition.{name}"] for name in metadata.partition_columns}
        yield {
            "add": {
                "path": file["path"],
                "partitionValues": {name: None if value is None else str(value) for name, value in values.items()},
                "size": file["size_bytes"],
                "modificationTime": 0,
                "dataChange": True,
            }
        }
