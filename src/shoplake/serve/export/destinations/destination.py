"""What every destination of an export can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType

    from shoplake.serve.export.manifest import Manifest
    from shoplake.serve.export.table_rows import TableRows


@dataclass(frozen=True)
class WrittenRows:
    """The rows that were written of one table; fewer than it has where `is_truncated`."""

    count: int
    is_truncated: bool = False


class Destination(Protocol):
    """Receives tables, and shows all of them at once when it is published.

    It is used inside a `with`, whose end removes what is not published. Entering it raises ExportError where
    something other than an earlier export is in its place.
    """

    format: str
    """The name of the format."""
    label: str
    """Where it is, without a password."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...

    def write(self, rows: TableRows) -> WrittenRows:
        """Write the rows of one table where no reader sees them yet."""

    def publish(self, manifest: Manifest) -> list[str]:
        """Replace the export before this one; returns remarks about what could not be replaced."""
