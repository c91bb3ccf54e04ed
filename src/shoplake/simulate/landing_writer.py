"""The landing folder: which file a stream's records go to, and how many there are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from shoplake.simulate.faults.faults import STREAMS
from shoplake.simulate.files import appearing, write_lines, write_table

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pyarrow as pa

    from shoplake.simulate.ground_truth.schema import Counts, Truth

EXTENSIONS = {"events": "json", "customers": "csv", "products": "parquet", "orders": "json", "refunds": "json"}


class Drop:
    """Drops files and counts them."""

    def __init__(self, landing: Path) -> None:
        self._landing = landing
        self.files: Counts = dict.fromkeys(STREAMS, 0)
        self.lines: Counts = dict.fromkeys(STREAMS, 0)

    def text(self, stream: str, day: date, lines: pa.StringArray, *, part: int = 0, header: str = "") -> None:
        """Drop lines as the stream's file of a day, or as a numbered part of it; no lines, no file."""
        if len(lines):
            write_lines(self._path(stream, day, part), lines, header)
            self._count(stream, len(lines))

    def table(self, stream: str, day: date, rows: pa.Table) -> None:
        """Drop rows as the stream's Parquet file of a day."""
        write_table(self._path(stream, day, 0), rows)
        self._count(stream, len(rows))

    def truth(self, truth: Truth) -> None:
        """Drop the truth beside the streams."""
        with appearing(self._landing / "truth.json") as unfinished:
            unfinished.write_text(json.dumps(truth, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def _path(self, stream: str, day: date, part: int) -> Path:
        number = f"-{part:03}" if part else ""
        return self._landing / stream / f"{stream}-{day.isoformat()}{number}.{EXTENSIONS[stream]}"

    def _count(self, stream: str, lines: int) -> None:
        self.files[stream] += 1
        self.lines[stream] += lines
