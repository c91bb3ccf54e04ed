"""What the rest of the code asks a write mode, with the answers of a mode that does not say otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from shoplake.errors import DeclarationError, hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from shoplake.declare.modes.row_split import RowSplit
    from shoplake.declare.table import Table

ARRIVAL = ("batch_id", "source_file", "version_line")
"""The columns of a table that say in which order its rows arrived: by batch, by file, by line."""
ARRIVED_AT = "ingested_at"
"""The column that says when: one time for all files of a run."""


def present(table: Table[...], names: Iterable[str]) -> tuple[str, ...]:
    """Return the SQL conditions that columns are not null, of those that may be."""
    return tuple(f"`{name}` IS NOT NULL" for name in nullable(table, names))


def nullable(table: Table[...], names: Iterable[str]) -> list[str]:
    """Return the names of columns that may be null."""
    required = {column.name for column in table.output_columns if column.required}
    return [name for name in names if name not in required]


def check_required(table: Table[...], names: Iterable[str]) -> None:
    """Raise DeclarationError for a column of the key that may be null: such rows would not replace each other."""
    for name in nullable(table, names):
        raise DeclarationError(
            f"{table.qualified_name}.{name} is in the key and may be null, and null is no key. Declare it as "
            f'col("{name}", …, required=True): records without it are quarantined.'
        )


class Mode:
    """The answers of a mode that does not say otherwise."""

    update_scope: ClassVar[str] = "all rows"
    """What an incremental run writes, for plans that depend on inputs not yet written."""
    reads_files: ClassVar[bool] = False
    is_written_by_runs: ClassVar[bool] = True
    """Whether runs write the table; other tables are written by commands of their own."""
    accounts_for_rows: ClassVar[bool] = False
    """Whether the table has exactly the rows that its writes have written, less those that they have replaced."""
    has_changelog: ClassVar[bool] = False
    """Whether the table keeps its distinct changes in a changelog beside its versions."""

    @property
    def evaluates_records(self) -> bool:
        """Whether each row is one record, so that an invalid one goes to the quarantine."""
        return False

    @property
    def source_table(self) -> str | None:
        """The input of which one row makes one row of the table."""
        return None

    @property
    def independent_key(self) -> str | None:
        """The input column whose values can be processed independently of each other."""
        return None

    @property
    def split(self) -> RowSplit | None:
        """How the table is computed in parts where it does not fit into memory; None where it is not."""
        return None

    @property
    def bytes_per_row(self) -> int | None:
        """What a row of the largest input needs of memory, for parts by partition; None: what is usual."""
        return None

    @property
    def takes_memory_as_asked(self) -> bool:
        """Whether steps of the table, built alone, take memory as they ask for it, instead of an equal share."""
        return False

    @property
    def compare_partitions(self) -> bool:
        """Whether all rows of the table are computed, and only the partitions that differ are overwritten."""
        return False

    def partition_column(self, table: Table[...]) -> str | None:
        """Return the column by whose values the table is rebuilt in part; None for a table that is rebuilt whole."""
        return None

    def input_range(self, table: Table[...], upstream: str) -> tuple[str, str] | None:
        """Return the columns of an input with the first and last partition that a row matters to.

        None if it is read whole.
        """
        return None

    def partition_of(self, day: str) -> str:
        """Return the partition of the table that a day of an input matters to; both are texts such as `2026-03-01`."""
        return day

    def days_of(self, partitions: Collection[str]) -> list[str]:
        """Return the days of inputs that some partitions are made of, in ascending order."""
        return sorted(partitions)

    def row_conditions(self, table: Table[...]) -> tuple[str, ...]:
        """Return the SQL conditions of the rows that the table has, of those that its function returns."""
        return ()

    def unique_columns(self, table: Table[...]) -> tuple[str, ...]:
        """Return the columns of which no two rows have the same values: the key; none for a table without one."""
        return table.key

    def record_key(self, table: Table[...]) -> tuple[str, ...]:
        """Return the columns, besides the feed, by which a later valid record supersedes a quarantined one."""
        names = {column.name for column in table.output_columns}
        return tuple(name for name in table.key if name != "feed" and name in names)

    def validate(self, table: Table[...]) -> None:
        """Raise DeclarationError where the table cannot be written this way."""

    def validate_inputs(self, table: Table[...], inputs: Mapping[str, Table[...]]) -> None:
        """Raise DeclarationError where the mode names a column that an input does not have."""


def check_column(table: Table[...], upstream: Table[...], name: str) -> None:
    """Raise DeclarationError where an input of a table has no column of a name that its write mode gives."""
    if upstream.column(name) is None:
        known = hint(name, [each.name for each in upstream.columns])
        raise DeclarationError(
            f"{table.qualified_name} is written by the column '{name}' of {upstream.qualified_name}, which has none. "
            f"{known}"
        )


class MergeMode(Mode):
    """The answers of a mode that merges records, and into which inputs provide the rows of some feeds by partition."""

    input_partitions: Mapping[str, str]
    """Input that is not incremental → its column that holds the partition."""

    @property
    def evaluates_records(self) -> bool:
        """Each row is a record or a part of one."""
        return True

    def partition_column(self, table: Table[...]) -> str | None:
        """Return the first partition column, where inputs provide rows by partition."""
        return table.partition_by[0] if self.input_partitions else None

    def input_range(self, table: Table[...], upstream: str) -> tuple[str, str] | None:
        """Return the same column twice: a row matters to one partition."""
        default = self.partition_column(table)
        column = self.input_partitions.get(upstream, default) if default is not None else None
        return None if column is None else (column, column)
