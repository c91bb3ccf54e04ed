"""What commands write beside a lake: exports, metrics and clones, as something that can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from shoplake.engine.storage.upkeep.clone_files import PARTIAL
from tools.soak.world import CLONE

if TYPE_CHECKING:
    from pathlib import Path


def outputs(folder: Path) -> dict[str, object]:
    """Return what a folder has beside a lake: the rows of each exported table, and the names of each text's lines.

    Of a clone, the rows of each table. What has no rows or lines of a known form is `damaged`.
    """
    clone = folder / CLONE
    found: dict[str, object] = {CLONE: _rows_by_table(clone)} if clone.exists() else {}
    for path in sorted(folder.rglob("[!._]*.*")):
        parts = path.relative_to(folder).parts
        if parts[0] == CLONE or any(map(is_part, parts)):
            continue
        try:
            text = pq.read_table(path).to_pylist() if path.suffix == ".parquet" else path.read_text().splitlines(True)
            lines = [repr(line) if isinstance(line, dict) else line.rpartition(" ")[0] for line in text]
            found[str(path.relative_to(folder))] = lines or "damaged"
        except pa.ArrowInvalid:
            found[str(path.relative_to(folder))] = "damaged"
    return found


def _rows_by_table(lake: Path) -> dict[str, object] | str:
    try:
        return {
            str(log.parent.relative_to(lake)): sorted(map(repr, DeltaTable(log.parent).to_pyarrow_table().to_pylist()))
            for log in sorted(lake.glob("*/*/_delta_log"))
            if log.parts[-3] != "ops"
        }
    except (DeltaError, TableNotFoundError, OSError, pa.ArrowInvalid):
        return "damaged"


def is_part(name: str) -> bool:
    """Whether a file or a folder is being written."""
    return name.startswith(".") or name.endswith(PARTIAL)
