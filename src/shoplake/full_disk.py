"""How a disk that is full is recognized: each library says it in words of its own."""

from __future__ import annotations

MESSAGES = ("No space left on device", "disk is full")
"""What the system, DuckDB and SQLite say."""


def is_of_full_disk(message: str) -> bool:
    """Whether an error's message says that a disk is full."""
    return any(each in message for each in MESSAGES)
