"""What a run does to each table and why, as values: the planner returns them and the runner executes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine.state.state_store import Offset


@dataclass(frozen=True)
class DateRange:
    """The partitions of the days from `start` to `end`, both included; None means unbounded."""

    start: date | None = None
    end: date | None = None

    def includes(self, day: str) -> bool:
        """Whether a day, as ISO text, is in the range."""
        return str(self.start or date.min) <= day <= str(self.end or date.max)

    @property
    def is_empty(self) -> bool:
        """Whether the end is before the start."""
        return self.start is not None and self.end is not None and self.end < self.start

    def days(self) -> set[str]:
        """Return the days of a bounded range, as ISO text."""
        first, last = self.start or date.min, self.end or date.max
        return {str(first + timedelta(days=number)) for number in range((last - first).days + 1)}

    def __or__(self, other: DateRange) -> DateRange:
        """Return the range from the earlier start to the later end."""
        ends = None if self.end is None or other.end is None else max(self.end, other.end)
        starts = None if self.start is None or other.start is None else min(self.start, other.start)
        return DateRange(starts, ends)

    def is_adjacent(self, day: str) -> bool:
        """Whether a day, as ISO text, is in the range, or is the day before or after it."""
        return any(self.includes(str(date.fromisoformat(day) + timedelta(days=days))) for days in (-1, 0, 1))


@dataclass(frozen=True)
class FullRefresh:
    """All rows, from all rows of the inputs. With `keeps_equal` records are written where they differ alone.

    Of a table with `Replace`, partitions `left` stay as they are.
    """

    keeps_equal: bool = field(default=False, compare=False)
    left: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True)
class Partitions:
    """The rows of some partitions. `values` are those of the partition column, as text."""

    values: frozenset[str]


@dataclass(frozen=True)
class Rows:
    """The rows made of those added to the one-to-one input after a version of it."""

    since: int


@dataclass(frozen=True)
class AllRows:
    """All rows of the inputs, merged into the table by its write mode. With `Replace`, partitions `left` stay."""

    left: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True)
class Batches:
    """The rows of some batches of the incremental inputs, one batch after the other."""

    ids: tuple[str, ...]


@dataclass(frozen=True)
class Sessions:
    """The sessions touched by input rows that changed after a version, or that are in `dates` or next to them.

    `date_column` is the partition column of the input that holds the day.
    """

    since: int
    date_column: str
    dates: DateRange | None = None


@dataclass(frozen=True)
class Keys:
    """The rows of the keys that input rows belong to which changed: `since` has each changed input and a version.

    Only rows in `partitions` can differ; None where that is unknown. Those `left` stay as they are.
    """

    since: tuple[tuple[str, int], ...]
    partitions: frozenset[str] | None = None
    left: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FeedPartitions:
    """The rows that some feeds have from inputs that are not incremental, in all or some partitions.

    Partitions `left` stay as they are.
    """

    feeds: tuple[str, ...]
    partitions: FullRefresh | Partitions
    left: frozenset[str] = frozenset()


Action: TypeAlias = FullRefresh | Partitions | Rows | AllRows | Batches | Sessions | Keys | FeedPartitions | DateRange


@dataclass(frozen=True)
class InputRange:
    """How far a table has read an input, and how far it has read it after the plan is executed."""

    table: str
    before: Offset
    after: Offset

    @property
    def has_changed(self) -> bool:
        """Whether there is anything to read."""
        return (self.before.batch_id, self.before.version) != (self.after.batch_id, self.after.version)


@dataclass(frozen=True)
class TablePlan:
    """What a run does to one table. Without actions it writes nothing.

    `table` is `layer.name`, `reason` one sentence. `depends_on` names the inputs that the same run is going to write
    before; the plan made after they are written has more to do.
    """

    table: str
    actions: tuple[Action, ...] = ()
    inputs: tuple[InputRange, ...] = ()
    reason: str = ""
    depends_on: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether the run leaves the table as it is."""
        return not self.actions and not self.depends_on


@dataclass(frozen=True)
class PendingFiles:
    """How many new or changed files wait in the landing folder for one bronze table, and their bytes."""

    table: str
    files: int
    bytes: int


@dataclass(frozen=True)
class RunPlan:
    """What a run does: the files that it ingests, and the plan of each table in the order of execution."""

    files: tuple[PendingFiles, ...] = ()
    tables: tuple[TablePlan, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not self.files and all(table.is_nothing for table in self.tables)


@dataclass(frozen=True)
class RunSelection:
    """What a run is asked to do beyond what is new.

    `full_refresh` rebuilds all tables from bronze; `start` and `end` (shop-local days, both included) rebuild those
    days; `select` is a table, with a `+` behind it also all its downstream tables; `layer` is one layer: bronze takes
    in new files, silver and gold read what is there. `postponed` are tables that another run updates, by name.
    `keeps_equal` is that of the full refresh.
    """

    full_refresh: bool = False
    start: date | None = None
    end: date | None = None
    select: str | None = None
    layer: str | None = None
    postponed: frozenset[str] = frozenset()
    keeps_equal: bool = False

    dates: DateRange | None = field(init=False, compare=False, default=None)
    """The days to rebuild; None if none are asked for."""

    def __post_init__(self) -> None:
        has_dates = self.start is not None or self.end is not None
        object.__setattr__(self, "dates", DateRange(self.start, self.end) if has_dates else None)

    @property
    def is_whole(self) -> bool:
        """Whether all tables are meant."""
        return self.select is None and self.layer is None

    @property
    def rebuilds(self) -> bool:
        """Whether rows are computed again of which nothing is new."""
        return self.full_refresh or self.dates is not None

    @property
    def ingests(self) -> bool:
        """Whether new files are taken in."""
        return self.is_whole or self.layer == "bronze"

    @property
    def rebuilt_layers(self) -> tuple[str, ...]:
        """The layers that are built anew."""
        built = ("silver", "gold") if self.full_refresh else ()
        return tuple(each for each in built if self.layer in (None, each))

    def tables(self, catalog: Catalog) -> list[Table[...]]:
        """Return the tables to update, in topological order. Raises UnknownTableError."""
        if self.select is None:
            tables = [table for table in catalog.ordered if self.layer in (None, table.layer)]
            return [table for table in tables if table.name not in self.postponed]
        chosen = {catalog[self.select.removesuffix("+")].name}
        if self.select.endswith("+"):
            for table in catalog.ordered:
                if chosen & set(table.inputs):
                    chosen.add(table.name)
        return [table for table in catalog.ordered if table.name in chosen]
