"""The recorded quality of a run, or of each table as its last run left it; and the files that no stream reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.engine import FILES, QUALITY
from shoplake.errors import ShoplakeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shoplake.engine import StateReader


def recorded_quality(state: StateReader, names: Sequence[str], run_id: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of `ops.quality` of a run, or of the last run that wrote each table, in the order of `names`.

    Raises ShoplakeError for a run that has written nothing.
    """
    rows = sorted(state.read(QUALITY), key=lambda row: row["recorded_at"])
    if run_id is not None and all(row["run_id"] != run_id for row in rows):
        newest = rows[-1]["run_id"] if rows else "none yet"
        raise ShoplakeError(f"No run '{run_id}' has written anything. The last one is {newest}.")
    last = {row["table"]: run_id or row["run_id"] for row in rows}
    order = {name: position for position, name in enumerate(names)}
    chosen = [row for row in rows if row["run_id"] == last[row["table"]]]
    return sorted(chosen, key=lambda row: order.get(row["table"], len(order)))


def unmatched_files(state: StateReader) -> list[str]:
    """Return the files, as `feed: path`, whose last record in `ops.files` says that no stream reads them."""
    rows = sorted(state.read(FILES, ["feed", "path", "state", "recorded_at"]), key=lambda row: row["recorded_at"])
    last = {f"{row['feed']}: {row['path']}": row["state"] for row in rows}
    return sorted(name for name, file_state in last.items() if file_state == "unmatched")
