"""The write modes: how a table's rows are written. Repeating a write changes nothing.

A mode is a value. It validates the table that declares it and says what the rest of the code needs to know of it;
`shoplake.engine.write.modes` holds the strategy that plans and writes each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from shoplake.declare.column import VALIDITY
from shoplake.declare.modes.document_mode import ReplaceDocuments
from shoplake.declare.modes.mode import (
    ARRIVAL,
    ARRIVED_AT,
    MergeMode,
    Mode,
    check_column,
    check_required,
    nullable,
    present,
)
from shoplake.declare.modes.on_demand import OnDemand
from shoplake.declare.modes.replace_mode import Replace
from shoplake.errors import DeclarationError, hint

if TYPE_CHECKING:
    from shoplake.declare.table import Table


@dataclass(frozen=True)
class Append(Mode):
    """Append the rows of each batch of files, replacing those of an earlier attempt at the same batch."""

    reads_files: ClassVar[bool] = True

    def describe(self) -> str:
        """Describe the mode in a sentence or two, in Markdown."""
        return "Appends the rows of each batch; a repeated batch replaces its own rows."

    def validate(self, table: Table[...]) -> None:
        """Raise DeclarationError for a table with inputs: only rows of files are appended."""
        if table.inputs:
            raise DeclarationError(
                f"{table.qualified_name} reads {table.inputs[0]} and cannot be appended to: only rows of files are. "
                "Declare write=Upsert(…) or write=Replace()."
            )


@dataclass(frozen=True)
class Upsert(MergeMode):
    """Keep one row per key: the first or the last by `order_by`.

    Ties go to the smallest payload hash for the first and to the greatest for the last, so that the order of arrival
    does not matter. Where the last row counts, rows whose `order_by` is their `ingested_at` have no time of their own:
    of these the one that arrived later wins, if the table has the columns `batch_id`, `source_file` and `version_line`.
    With `dedup_window_days`, repeats are matched in partitions that many days around a row's own.
    An input that is not incremental provides the rows of some feeds, which are overwritten by partition;
    `input_partitions` names the column of each such input that holds the partition.
    """

    update_scope: ClassVar[str] = "the rows of the new batches"

    order_by: str
    keep: Literal["first", "last"] = "last"
    dedup_window_days: int | None = None
    input_partitions: Mapping[str, str] = field(default_factory=dict, hash=False)

    def knows_arrival(self, table: Table[...]) -> bool:
        """Whether rows without a time of their own are in the order in which they arrived."""
        return self.keep == "last" and {ARRIVED_AT, *ARRIVAL} <= {column.name for column in table.output_columns}

    def unique_columns(self, table: Table[...]) -> tuple[str, ...]:
        """Return the key, with the partition where a key may repeat outside the deduplication window."""
        return (*table.key, *(table.partition_by if self.dedup_window_days else ())) if table.key else ()

    def validate(self, table: Table[...]) -> None:
        """Raise DeclarationError without a key or `order_by`, where these may be null, or without days for a window."""
        where = table.qualified_name
        if not table.key or self.order_by not in {column.name for column in table.output_columns}:
            raise DeclarationError(f"{where} is upserted and needs a key and a time column '{self.order_by}'.")
        check_required(table, table.key)
        if self.order_by != ARRIVED_AT and nullable(table, [self.order_by]):
            raise DeclarationError(
                f"{where} is upserted by '{self.order_by}', which may be null: nothing says which of such rows counts. "
                f'Declare it as col("{self.order_by}", …, required=True), or fill it: coalesce({self.order_by}, '
                f"{ARRIVED_AT})."
            )
        if self.dedup_window_days is not None:
            day = table.column(table.partition_by[0]) if table.partition_by else None
            if day is None or day.type != "date":
                raise DeclarationError(
                    f"{where} finds repeats within {self.dedup_window_days} days and is partitioned by none. Declare "
                    "partition_by=[…] with a date."
                )

    def describe(self) -> str:
        """Describe the mode in a sentence or two, in Markdown."""
        days = self.dedup_window_days
        window = f" Repeats are matched within {days} days." if days else ""
        return f"Keeps one row per key: the {self.keep} by `{self.order_by}`.{window}"


@dataclass(frozen=True)
class SessionWindow(Mode):
    """Recompute the rows that new input touches and overwrite them in one commit.

    A row spans the time from `start` to `end` of one value of `key`, in the partition `partition_by`. Input of the same
    key touches it if its `event_time` is in that span or at most `gap_s` seconds away; `event_date` is the input's
    partition. Only input rows that satisfy the SQL condition `filter` and have a key, a time and a date count: the
    table's function is given no others. `input_partitions` names the two columns of another input with the first and
    last `event_date` that a row matters to.
    """

    update_scope: ClassVar[str] = "the sessions that new rows touch"

    key: str
    event_time: str
    event_date: str
    start: str
    end: str
    partition_by: str
    gap_s: int
    filter: str = "true"
    input_partitions: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)

    @property
    def independent_key(self) -> str | None:
        """The key: a session has rows of one value."""
        return self.key

    def input_range(self, table: Table[...], upstream: str) -> tuple[str, str] | None:
        """Return the two columns of `input_partitions`."""
        return self.input_partitions.get(upstream)

    def validate(self, table: Table[...]) -> None:
        """Raise DeclarationError without the one incremental input, or for a column that the table does not have."""
        where = table.qualified_name
        if len(table.incremental) != 1:
            raise DeclarationError(f'{where} has sessions of one input. Declare which: incremental="…".')
        for name in (self.key, self.start, self.end, self.partition_by):
            if table.column(name) is None:
                known = hint(name, [each.name for each in table.columns])
                raise DeclarationError(f"{where} has sessions and no column '{name}' for them. {known}")
        if self.gap_s < 0:
            raise DeclarationError(f"{where} has sessions with gap_s = {self.gap_s}. Write seconds, such as 1800.")

    def validate_inputs(self, table: Table[...], inputs: Mapping[str, Table[...]]) -> None:
        """Raise DeclarationError where the events lack the key, the time or the date."""
        for name in (self.key, self.event_time, self.event_date):
            check_column(table, inputs[table.incremental[0]], name)

    def event_conditions(self, events: Table[...]) -> tuple[str, ...]:
        """Return the SQL conditions of the input rows that count: `filter`, and that key, time and date are there."""
        chosen = () if self.filter == "true" else (self.filter,)
        return (*chosen, *present(events, (self.key, self.event_time, self.event_date)))

    def describe(self) -> str:
        """Describe the mode in a sentence or two, in Markdown."""
        return f"Recomputes the rows of a `{self.key}` within {self.gap_s} s of new input."


@dataclass(frozen=True)
class Scd2(Mode):
    """Keep every version of a key with `valid_from` and `valid_to` (SCD type 2), in whatever order changes arrive.

    The columns that it names are columns of the changes, not of the versions. Of several changes of a key at one moment
    the one with the greatest `sequence_by` wins. An `operation` of `delete` ends the version. `changed_columns` holds
    the names of the columns that a change sets; the others keep their values, and null means all are set.
    """

    update_scope: ClassVar[str] = "the versions of the keys that new changes touch"
    has_changelog: ClassVar[bool] = True

    effective_at: str
    sequence_by: str | None = None
    operation: str | None = None
    changed_columns: str | None = None

    @property
    def controls(self) -> tuple[str, ...]:
        """The columns of a change that say how to apply it; they are no facts."""
        return tuple(name for name in (self.operation, self.sequence_by, self.changed_columns) if name is not None)

    @property
    def evaluates_records(self) -> bool:
        """Each change is one record."""
        return True

    def validate(self, table: Table[...]) -> None:
        """Raise DeclarationError without the columns of the changes, the validity columns, the key or the partition."""
        where, names = table.qualified_name, {column.name for column in table.output_columns}
        for name in (self.effective_at, *self.controls):
            if name not in names:
                raise DeclarationError(f"{where} is a history and its changes need the column '{name}'.")
        for column in VALIDITY:
            if not table.column(column.name):
                raise DeclarationError(f"{where} is a history and needs the column '{column.name}'. Add *VALIDITY.")
        if table.partition_by != ("valid_to_month",) or "valid_from" not in table.key:
            raise DeclarationError(
                f"{where} is a history: its key has valid_from in it, and it is partitioned by valid_to_month."
            )
        check_required(table, [name for name in table.key if name != "valid_from"])

    def describe(self) -> str:
        """Describe the mode in a sentence or two, in Markdown."""
        return f"Keeps every version of a key, in order of `{self.effective_at}` (SCD type 2)."


WriteMode = OnDemand | Append | Upsert | ReplaceDocuments | Replace | SessionWindow | Scd2
