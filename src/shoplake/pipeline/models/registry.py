"""The model registry of a lake: versions, runs and the champion in `ops`, files below `<lake>/models`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds

from shoplake.engine import MODEL_ALIASES, MODEL_RUNS, MODELS, filesystem_for, table_exists, write_whole
from shoplake.ml.model_errors import UnknownModelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shoplake.engine import StateStore

CHAMPION = "champion"
PROMOTED, FORCED, REFUSED = "promoted", "forced", "refused"
JSON = ("features", "source_versions", "library_versions", "params", "metrics")


@dataclass(frozen=True)
class Stamp:
    """The run that records something, and when it started."""

    run_id: str
    at: datetime

    def to_dict(self) -> dict[str, object]:
        """Return the columns that every record has."""
        return {"run_id": self.run_id, "recorded_at": self.at}


class ModelRegistry:
    """The versions of models, append-only: nothing that is recorded changes."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    def versions(self, name: str) -> list[dict[str, Any]]:
        """Return the versions of a model, the oldest first, with their JSON columns as values."""
        if not table_exists(self._state.path(MODELS)):
            return []
        rows = self._state.read(MODELS, None, ds.field("name") == name)
        decoded = [row | {column: json.loads(row[column] or "null") for column in JSON} for row in rows]
        return sorted(decoded, key=lambda row: row["version"])

    def version(self, name: str, version: int) -> dict[str, Any]:
        """Return one version. Raises UnknownModelError for one that does not exist."""
        versions = self.versions(name)
        for row in versions:
            if row["version"] == version:
                return row
        raise UnknownModelError(name, version, [row["version"] for row in versions])

    def next_version(self, name: str) -> int:
        """Return the number of the next version."""
        return max((row["version"] for row in self.versions(name)), default=0) + 1

    def decisions(self, name: str) -> list[dict[str, Any]]:
        """Return the decisions on the champion, the oldest first."""
        if not table_exists(self._state.path(MODEL_ALIASES)):
            return []
        rows = self._state.read(MODEL_ALIASES, None, ds.field("name") == name)
        return sorted(rows, key=lambda row: row["recorded_at"])

    def runs(self, name: str) -> list[dict[str, Any]]:
        """Return what was done with a model, the oldest first."""
        if not table_exists(self._state.path(MODEL_RUNS)):
            return []
        rows = self._state.read(MODEL_RUNS, None, ds.field("name") == name)
        return sorted(rows, key=lambda row: row["recorded_at"])

    def champion(self, name: str) -> dict[str, Any] | None:
        """Return the version that is the champion; None if none was promoted."""
        promoted = [row for row in self.decisions(name) if row["status"] != REFUSED]
        return self.version(name, promoted[-1]["version"]) if promoted else None

    def register(self, row: Mapping[str, Any], content: bytes, stamp: Stamp) -> None:
        """Write a version's file and then its record."""
        self.write_file(f"{self._folder(row)}/model.skops", content)
        encoded = {name: json.dumps(row[name], sort_keys=True) for name in JSON}
        path = f"{self._folder(row)}/model.skops"
        self._state.append(MODELS, [{**row, **encoded, "path": path, **stamp.to_dict()}])

    def decide(
        self, name: str, version: int, status: str, reason: str, comparison: Mapping[str, Any], stamp: Stamp
    ) -> None:
        """Record that a version became the champion, or did not."""
        row = {"name": name, "alias": CHAMPION, "version": version, "status": status, "reason": reason}
        self._state.append(MODEL_ALIASES, [{**row, "comparison": json.dumps(comparison), **stamp.to_dict()}])

    def record_run(
        self, command: str, name: str, version: int, status: str, note: str, duration_s: float, stamp: Stamp
    ) -> None:
        """Record what a command did with a version."""
        row = {"command": command, "name": name, "version": version, "status": status, "note": note}
        self._state.append(MODEL_RUNS, [{**row, "duration_s": round(duration_s, 3), **stamp.to_dict()}])

    def read_file(self, row: Mapping[str, Any]) -> bytes:
        """Return the content of a version's file, unopened: its hash is for the reader to check."""
        system, path = filesystem_for(f"{self._state.lake}/{row['path']}")
        try:
            with system.open_input_stream(path) as stream:
                return bytes(stream.read())
        except FileNotFoundError:
            raise UnknownModelError(row["name"], row["version"], [], missing_file=row["path"]) from None

    def write_file(self, name: str, content: bytes) -> str:
        """Write a file below the lake and return its full path."""
        location = f"{self._state.lake}/{name}"
        write_whole(location, content)
        return location

    def _folder(self, row: Mapping[str, Any]) -> str:
        return f"models/{row['name']}/{row['version']}"
