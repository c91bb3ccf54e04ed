"""Charts that were drawn when a generation was built: a file of SVGs by specification."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "charts.json"


def write_charts(folder: Path, drawn: Mapping[str, str]) -> None:
    """Replace the drawn charts of a store; `drawn` has the SVG of each specification, both as text."""
    values = {"renderer": version("vl-convert-python"), "charts": {_name(spec): svg for spec, svg in drawn.items()}}
    part = folder / f"{FILE}.part"
    part.write_text(json.dumps(values), encoding="utf-8")
    part.replace(folder / FILE)


class DrawnCharts:
    """Reads the drawn charts of a store, again whenever they were replaced."""

    def __init__(self, folder: Path) -> None:
        self._file, self._seen = folder / FILE, (0, 0)
        self._charts: Mapping[str, str] = {}

    def find(self, spec: str) -> str | None:
        """Return the SVG of a specification; None where it was not drawn, or by another version of the library."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return None
        if (stamp := (found.st_mtime_ns, found.st_ino)) != self._seen:
            self._charts, self._seen = self._read(), stamp
        return self._charts.get(_name(spec))

    def _read(self) -> Mapping[str, str]:
        try:
            values = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # gone, or damaged: its charts are rendered
            return {}
        charts: dict[str, str] = values["charts"] if values.get("renderer") == version("vl-convert-python") else {}
        return charts


def _name(spec: str) -> str:
    return hashlib.sha256(spec.encode()).hexdigest()[:32]
