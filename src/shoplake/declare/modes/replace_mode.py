"""The write mode of tables that are made anew from their inputs: whole, by partition, or by the keys that changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from shoplake.declare.modes.mode import Mode, check_column, present
from shoplake.errors import DeclarationError, hint

if TYPE_CHECKING:
    from collections.abc import Collection

    from shoplake.declare.modes.rebuild_keys import RebuildKeys
    from shoplake.declare.modes.row_split import RowSplit
    from shoplake.declare.table import Table

DAYS_OF_MONTH = 31


@dataclass(frozen=True)
class Replace(Mode):
    """Overwrite the whole table, or the partitions with the same values of `partition_by`.

    `input_partitions` names the column of an input that holds this value under another name, or the two columns with
    the first and last partition that a row matters to (null: no end). An input without such a column is read whole.
    With `by_month`, the partitions of the table are months, by their first days, and those of its inputs are days.
    With `from_records`, invalid rows are quarantined and identical rows are kept once. With `one_to_one_with`, each row
    is made of one row of that input and of lookups in others, so that rows added there are added here.
    With `compare_partitions`, a row may depend on any row of the inputs: all rows are computed, compared with those of
    the table, and only the partitions that differ are overwritten. With `rebuild_keys`, only the rows of the keys that
    changed input rows belong to are computed; a row without such a key is left out. With `split`, all rows are
    computed in parts where memory is short; a table by `partition_by` in parts of such partitions, for which a row of
    the largest input needs `bytes_per_row`, where that is less than usual. With
    `takes_memory_as_asked`, steps of a table that is built alone take memory as they ask for it, not an equal share.
    """

    update_scope: ClassVar[str] = "the partitions that change"

    partition_by: str | None = None
    input_partitions: Mapping[str, str | tuple[str, str]] = field(default_factory=dict, hash=False)
    from_records: bool = False
    one_to_one_with: str | None = None
    compare_partitions: bool = False
    rebuild_keys: RebuildKeys | None = None
    split: RowSplit | None = None
    by_month: bool = False
    bytes_per_row: int | None = field(default=None, repr=False)
    takes_memory_as_asked: bool = field(default=False, repr=False)
    """This and `bytes_per_row` are in no definition of a table: they change none of its rows. Two sorts that take what
    they can leave one another nothing, and what Python functions use is in no pool: measure before you say it."""

    @property
    def evaluates_records(self) -> bool:
        """Whether rows are declared to be records."""
        return self.from_records

    @property
    def source_table(self) -> str | None:
        """The input of which one row makes one row of the table."""
        return self.one_to_one_with

    def partition_column(self, table: Table[...]) -> str | None:
        """Return the column of `partition_by`."""
        return self.partition_by

    def input_range(self, table: Table[...], upstream: str) -> tuple[str, str] | None:
        """Return the column or the two columns of `input_partitions`, or the table's own partition column."""
        if self.partition_by is None or self.compare_partitions:
            return None
        columns = self.input_partitions.get(upstream, self.partition_by)
        return (columns, columns) if isinstance(columns, str) else columns

    def row_conditions(self, table: Table[...]) -> tuple[str, ...]:
        """Return that the key by which rows are rebuilt is not null: such a key is never looked for."""
        return () if self.rebuild_keys is None else present(table, self.rebuild_keys.columns)

    def partition_of(self, day: str) -> str:
        """Return the day, or with `by_month` the first day of its month."""
        return f"{day[:7]}-01" if self.by_month else day

    def days_of(self, partitions: Collection[str]) -> list[str]:
        """Return the partitions, or with `by_month` all days of those months."""
        if not self.by_month:
            return sorted(partitions)
        days = (date.fromisoformat(first) + timedelta(days=n) for first in partitions for n in range(DAYS_OF_MONTH))
        return sorted({str(day) for day in days if self.partition_of(str(day)) in partitions})

    def validate(self, table: Table[...]) -> None:
        """Raise DeclarationError where partitions are compared and the table names none, or a name is unknown."""
        if self.partition_by is not None and table.column(self.partition_by) is None:
            known = hint(self.partition_by, [column.name for column in table.columns])
            raise DeclarationError(
                f"{table.qualified_name} is replaced by '{self.partition_by}', which is no column. {known}"
            )
        others = self.compare_partitions or self.rebuild_keys is not None or self.one_to_one_with is not None
        if self.by_month and (self.partition_by is None or others):
            raise DeclarationError(
                f"{table.qualified_name} is replaced by month. Declare Replace(partition_by=…, by_month=True), without "
                "compare_partitions, rebuild_keys and one_to_one_with."
            )
        if self.compare_partitions and self.partition_by is None:
            raise DeclarationError(
                f"{table.qualified_name} compares partitions and names none. Declare Replace(partition_by=…, "
                "compare_partitions=True)."
            )
        if self.rebuild_keys is not None:
            self.rebuild_keys.validate(table)
        if self.split is not None:
            self.split.validate(table)

    def validate_inputs(self, table: Table[...], inputs: Mapping[str, Table[...]]) -> None:
        """Raise DeclarationError for a column that an input does not have, and for an input that is none."""
        for name, columns in self.input_partitions.items():
            if name not in inputs:
                raise DeclarationError(
                    f"{table.qualified_name} has input_partitions of '{name}', which it does not read. "
                    f"{hint(name, inputs)}"
                )
            for column in (columns,) if isinstance(columns, str) else columns:
                check_column(table, inputs[name], column)
        if self.rebuild_keys is not None:
            self.rebuild_keys.validate_inputs(table, inputs)

    def describe(self) -> str:
        """Describe the mode in a sentence or two, in Markdown."""
        if self.partition_by is None:
            return (
                "Rewrites the whole table." if self.rebuild_keys is None else f"Recomputes {_keys(self.rebuild_keys)}."
            )
        if self.rebuild_keys is not None:
            return (
                f"Recomputes {_keys(self.rebuild_keys)}; rewrites the partitions by `{self.partition_by}` that differ."
            )
        if self.compare_partitions:
            return f"Computes all rows and rewrites the partitions by `{self.partition_by}` that differ."
        unit = "months" if self.by_month else "partitions"
        return f"Rewrites the {unit} by `{self.partition_by}` that change, or the whole table."


def _keys(keys: RebuildKeys) -> str:
    columns = ", ".join(f"`{name}`" for name in keys.columns)
    return f"the rows of each {columns} that changed input concerns"
