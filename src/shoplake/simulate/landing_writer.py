"""Writes a stream's records into files of the landing folder and counts them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from shoplake.simulate.faults.faults import STREAMS
from shoplake.simulate.files import atomic_path, write_lines, write_table

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pyarrow as pa

    from shoplake.simulate.ground_truth.schema import Counts, GroundTruth

EXTENSIONS = {"events": "json", "customers": "csv", "products": "parquet", "orders": "json", "refunds": "json"}


class LandingWriter:
    """Writes files into a landing folder; `files` and `lines` count them by stream."""

    def __init__(self, landing: Path) -> None:
        self._landing = landing
        self.files: Counts = dict.fromkeys(STREAMS, 0)
        self.lines: Counts = dict.fromkeys(STREAMS, 0)

    def write_lines(self, stream: str, day: date, lines: pa.StringArray, *, part: int = 0, header: str = "") -> None:
        """Write lines as the stream's file of a day, or as a numbered part of it; without lines there is no file."""
        if len(lines):
            write_lines(self._path(stream, day, part), lines, header)
            self._count(stream, len(lines))

    def write_table(self, stream: str, day: date, rows: pa.Table) -> None:
        """Write rows as the stream's Parquet file of a day."""
        write_table(self._path(stream, day, 0), rows)
        self._count(stream, len(rows))

    def write_ground_truth(self, ground_truth: GroundTruth) -> None:
        """Write `ground_truth.json` beside the streams."""
        with atomic_path(self._landing / "ground_truth.json") as temporary:
            temporary.write_text(json.dumps(ground_truth, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def _path(self, stream: str, day: date, part: int) -> Path:
        number = f"-{part:03}" if part else ""
        return self._landing / stream / f"{stream}-{day.isoformat()}{number}.{EXTENSIONS[stream]}"

    def _count(self, stream: str, lines: int) -> None:
        self.files[stream] += 1
        self.lines[stream] += lines
