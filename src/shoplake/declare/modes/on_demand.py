"""The write mode of tables that a command writes, and never a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from shoplake.declare.modes.mode import Mode
from shoplake.errors import DeclarationError

if TYPE_CHECKING:
    from shoplake.declare.table import Table


@dataclass(frozen=True)
class OnDemand(Mode):
    """Overwrite the partitions that a command writes. A run, a full refresh too, leaves the table as it is."""

    update_scope: ClassVar[str] = "nothing; a command writes it"
    is_written_by_runs: ClassVar[bool] = False

    partition_by: str
    command: str

    def partition_column(self, table: Table[...]) -> str | None:
        """Return the column of `partition_by`."""
        return self.partition_by

    def validate(self, table: Table[...]) -> None:
        """Raise DeclarationError unless the table is partitioned by the column."""
        if table.partition_by != (self.partition_by,):
            raise DeclarationError(f"{table.qualified_name} is written on demand and needs that partition column.")

    def describe(self) -> str:
        """Describe the mode in a sentence or two, in Markdown."""
        return f"`{self.command}` overwrites partitions by `{self.partition_by}`; a run leaves the table as it is."
