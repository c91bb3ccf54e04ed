"""A mistake in a bundle."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """What is wrong in a bundle: the file, the place in it such as `daily.silver`, and what to do."""

    file: str
    place: str
    message: str

    def __str__(self) -> str:
        """Return the mistake as one line."""
        return f"{self.file}: {self.place}: {self.message}"
