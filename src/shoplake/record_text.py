"""How messages show a raw record in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

RAW_LENGTH = 120


def place(file: str, line: int | None) -> str:
    """Return where a record is, as `file:line`; of Parquet files the file alone."""
    return file if line is None else f"{file}:{line}"


def shortened(raw: str) -> str:
    """Return the beginning of a record's text."""
    text = raw.rstrip()
    return text if len(text) <= RAW_LENGTH else f"{text[:RAW_LENGTH]}…"


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row whose times are texts, as JSON has them."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
