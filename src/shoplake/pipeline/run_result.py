"""The result of a run, and the listeners that follow it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from shoplake.engine import BatchResult, WriteResult
    from shoplake.quality.gates import GateResult, Stop
    from shoplake.quality.quarantine_warnings import QuarantineWarning

COUNTS = (
    "rows_read",
    "rows_written",
    "rows_quarantined",
    "rows_duplicate",
    "rows_conflicting",
    "rows_superseded",
    "rows_replaced",
)


class ProgressListener(Protocol):
    """Follows a run."""

    def started(self, table: str) -> None:
        """Receive the name, `layer.table`, of a table that the run begins to update."""

    def finished(self, step: TableResult) -> None:
        """Receive the result of a table."""


@runtime_checkable
class RunListener(ProgressListener, Protocol):
    """Follows runs, and learns their ids."""

    def begin(self, run_id: str) -> None:
        """Receive the id of a run that begins."""


class NullListener:
    """Ignores all events."""

    def started(self, table: str) -> None:
        """Ignore the event."""

    def finished(self, step: TableResult) -> None:
        """Ignore the event."""


class ForwardingListener:
    """Notifies another listener, where there is one, of all events."""

    def __init__(self, listener: ProgressListener | None) -> None:
        self._listener = NullListener() if listener is None else listener

    def begin(self, run_id: str) -> None:
        """Pass on the id of a run to a listener that learns it."""
        if isinstance(self._listener, RunListener):
            self._listener.begin(run_id)

    def started(self, table: str) -> None:
        """Pass on the event."""
        self._listener.started(table)

    def finished(self, step: TableResult) -> None:
        """Pass on the event."""
        self._listener.finished(step)


@dataclass(frozen=True)
class TableResult:
    """What a run did to one table."""

    table: str
    result: WriteResult
    duration_s: float
    row_count: int
    version: int


@dataclass(frozen=True)
class ExpiredRows:
    """Rows of one table that are older than it keeps them: of days or arrivals before `before`.

    They stay while the tables of `waits_for` have not read what changed in them.
    """

    table: str
    rows: int
    before: datetime
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class UpkeepAction:
    """One thing to do to a table: compact, log (checkpoint and clean-up) or vacuum; `files` and `size` are its gain."""

    table: str
    action: str
    files: int
    size: int = 0


@dataclass(frozen=True)
class UpkeepResult:
    """The actions that were done, those that are left because the time was up, and the rows that were expired."""

    done: tuple[UpkeepAction, ...]
    left: tuple[UpkeepAction, ...]
    duration_s: float
    expired: tuple[ExpiredRows, ...] = ()


@dataclass
class RunResult:
    """What a run did: ingested files and updated tables.

    `rejected` are known paths with new content, `unreadable` files that are cut off or damaged, `unmatched` files that
    no stream of the feed's kind reads, when first seen: none is ingested.
    `new_fields` are fields first seen that no stream declares; bronze has them. `misread` are files that do not fit the
    options of their stream, with what to do; their records are quarantined. `duplicate_columns` are fields that several
    columns of a file have the name of. `waiting` are the records that wait for a record of another file, by table.
    `oldest_file_at` is when the first of the files was last modified, as the storage says. `warnings` are the tables of
    which much is quarantined, `stops` those that were left as they were because too many rows violate a rule, `gates`
    what does not pass of tables that were written. `killed_at` is when the run before started, if that was killed.
    """

    run_id: str
    files: int = 0
    bytes: int = 0
    oldest_file_at: datetime | None = None
    rejected: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    new_fields: list[str] = field(default_factory=list)
    misread: list[str] = field(default_factory=list)
    duplicate_columns: list[str] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)
    tables: list[TableResult] = field(default_factory=list)
    warnings: list[QuarantineWarning] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    gates: list[GateResult] = field(default_factory=list)
    maintenance: UpkeepResult | None = None
    killed_at: datetime | None = None
    failures: list[tuple[str, BaseException]] = field(default_factory=list)

    @property
    def has_news(self) -> bool:
        """Whether tables were written, or stopped and not only as an earlier run of the watch said."""
        return bool(self.tables) or not all(stop.is_known for stop in self.stops)

    @property
    def blocked(self) -> set[str]:
        """The tables that were left as they were: those that were stopped, and those made from them."""
        return {name for stop in self.stops for name in (stop.table, *stop.not_built)}

    def failed_table(self, error: BaseException) -> str:
        """Return the table that an exception is about; empty for none."""
        return next((table for table, each in self.failures if each is error), "")

    def add(self, batch: BatchResult) -> None:
        """Add what the ingestion of a batch did."""
        self.files += batch.files
        self.bytes += batch.bytes
        times = [at for at in (batch.oldest_file_at, self.oldest_file_at) if at is not None]
        self.oldest_file_at = min(times, default=None)
        self.new_fields += batch.new_fields
        self.misread += batch.misread
        self.duplicate_columns += batch.duplicate_columns
