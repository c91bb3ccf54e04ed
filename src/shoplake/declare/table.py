"""A table as a value: name, columns, build function and write mode."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec

from shoplake.declare.column import Column, col
from shoplake.declare.expectation import Action, Expectation
from shoplake.declare.modes.write_mode import Append, WriteMode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyspark.sql import DataFrame

    from shoplake.declare.gate import Gate
    from shoplake.declare.kinds.feed import Feeds
    from shoplake.declare.metric import MetricView
    from shoplake.declare.tie import Tie

P = ParamSpec("P")

Layer = Literal["bronze", "silver", "gold", "ops"]
LAYERS = ("bronze", "silver", "gold")
"""The layers of a shop's data, in the order in which they are built."""

QUARANTINE_COLUMNS = (
    col("feed", "string", "Which shop's stream"),
    col(
        "record_key",
        "string",
        "The key of its document, as a JSON object; null if it cannot be read",
        personal="record",
    ),
    col("raw", "string", "The record as text", personal="record"),
    col("reasons", "array<string>", "All rules that it violates"),
    col("file", "string", "The file it arrived in"),
    col("line", "bigint", "Its line there, from 1; null for Parquet"),
    col("batch_id", "string", "The batch it arrived in"),
    col("quarantined_at", "timestamp", "When it arrived", unit="UTC"),
)
CHANGELOG_COLUMNS = (
    col("changed_month", "date", "The first day of the month of the change (UTC)"),
    col("batch_id", "string", "The batch it first arrived in"),
    col("ingested_at", "timestamp", "When that batch was ingested", unit="UTC"),
    col("source_file", "string", "The file it arrived in, where its time is that of its arrival; else null"),
    col("version_line", "bigint", "Its line there"),
)


@dataclass(frozen=True)
class Table(Generic[P]):
    """A declared table. Calling it with DataFrames builds its rows."""

    build: Callable[P, DataFrame]
    layer: Layer
    columns: tuple[Column, ...]
    write: WriteMode
    key: tuple[str, ...] = ()
    partition_by: tuple[str, ...] = ()
    rules: tuple[Expectation, ...] = ()
    incremental: tuple[str, ...] = ()
    change_columns: tuple[Column, ...] = ()
    ties: tuple[Tie, ...] = ()
    gates: tuple[Gate, ...] = ()
    keeps: str = ""
    """How long rows are kept, such as `400 days`; empty for ever."""
    watch_interval: str = ""
    """How often it is updated at most while new files keep coming to a watched folder; empty for each time."""
    metrics: MetricView | None = None
    """What is measured over its rows; None for a table without metrics."""
    _name: str = ""
    _doc: str = ""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> DataFrame:
        """Build the table's rows from DataFrames with the function below `@table`."""
        return self.build(*args, **kwargs)

    @property
    def name(self) -> str:
        """The table's name: that of its function, unless it was given one."""
        return self._name or self.build.__name__

    @property
    def qualified_name(self) -> str:
        """Layer and name, e.g. `silver.events`."""
        return f"{self.layer}.{self.name}"

    @property
    def path(self) -> str:
        """The path in a lake, e.g. `silver/events`."""
        return f"{self.layer}/{self.name}"

    @property
    def doc(self) -> str:
        """What the table is: its function's docstring, unless it was given one."""
        return self._doc or inspect.getdoc(self.build) or ""

    @property
    def summary(self) -> str:
        """The first line of its description: what one row is."""
        return self.doc.split("\n", 1)[0]

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The tables it is built from: its positional parameters. Bronze is built from files."""
        positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return () if self.layer == "bronze" else tuple(p.name for p in self._parameters if p.kind is positional)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Its keyword-only parameters."""
        return tuple(p.name for p in self._parameters if p.kind is inspect.Parameter.KEYWORD_ONLY)

    @property
    def _parameters(self) -> list[inspect.Parameter]:
        return list(inspect.signature(self.build).parameters.values())

    @cached_property
    def expectations(self) -> tuple[Expectation, ...]:
        """Those declared, and those that follow from the required columns."""
        present = (Expectation(f"{c.name}_present", f"{c.name} IS NOT NULL") for c in self.output_columns if c.required)
        return (*present, *self.rules)

    @property
    def output_columns(self) -> tuple[Column, ...]:
        """The columns its function returns: its own, or for a history those of the changes it is made from."""
        return self.change_columns or self.columns

    @cached_property
    def quarantine(self) -> Table[...] | None:
        """The table of its invalid records; None for a table without rules, or one that is not made of records."""
        has_rules = any(each.on_violation is Action.QUARANTINE for each in self.expectations)
        if not has_rules or not self.write.evaluates_records:
            return None

        doc = f"One row per record that violates a rule of {self.name}, with all its reasons and its raw text."
        return stored_table(f"{self.name}_quarantine", doc, self.layer, QUARANTINE_COLUMNS, partition_by=("batch_id",))

    @cached_property
    def changelog(self) -> Table[...] | None:
        """The table of all distinct changes, which late changes are ordered by; None for a table without versions."""
        if not self.write.has_changelog:
            return None

        doc = f"One row per distinct change of {self.name}, no-ops included."
        columns = (*(replace(column, required=False) for column in self.change_columns), *CHANGELOG_COLUMNS)
        return stored_table(f"{self.name}_changelog", doc, self.layer, columns, partition_by=("changed_month",))

    @property
    def companion_tables(self) -> tuple[Table[...], ...]:
        """The tables that are written with it: quarantine and changelog."""
        return tuple(each for each in (self.quarantine, self.changelog) if each is not None)

    @property
    def one_to_one_with(self) -> str | None:
        """The input of which one row makes one row of this table; None for a table that is not made row by row."""
        return self.write.source_table

    @property
    def partition_column(self) -> str | None:
        """The column by whose values the table is rebuilt in part; None for a table that is rebuilt whole."""
        return self.write.partition_column(self)

    @property
    def ddl(self) -> str:
        """The columns as Spark SQL."""
        return ", ".join(column.ddl for column in self.columns)

    @property
    def types_ddl(self) -> str:
        """The columns as Spark SQL, by names and types alone."""
        return ", ".join(f"{column.name} {column.type}" for column in self.columns)

    def arguments(self, feeds: Feeds) -> dict[str, Any]:
        """Return the keyword arguments of its function: the feeds, where it asks for them."""
        return {"feeds": feeds} if "feeds" in self.parameters else {}

    def column(self, name: str) -> Column | None:
        """Return the column of that name."""
        return next((column for column in self.columns if column.name == name), None)


def stored_table(
    name: str, doc: str, layer: Layer, columns: Sequence[Column], *, partition_by: tuple[str, ...] = ()
) -> Table[...]:
    """Return a table that no function builds: rows are appended to it as they are."""
    return Table(_as_is, layer, tuple(columns), Append(), partition_by=partition_by, _name=name, _doc=doc)


def _as_is(rows: DataFrame) -> DataFrame:
    return rows


def table(
    layer: Layer,
    *,
    columns: Sequence[Column],
    write: WriteMode,
    key: str | Sequence[str] = (),
    partition_by: Sequence[str] = (),
    expectations: Sequence[Expectation] = (),
    incremental: str | Sequence[str] = (),
    change_columns: Sequence[Column] = (),
    ties: Sequence[Tie] = (),
    gates: Sequence[Gate] = (),
    keeps: str = "",
    watch_interval: str = "",
    metrics: MetricView | None = None,
) -> Callable[[Callable[P, DataFrame]], Table[P]]:
    """Declare that the function below builds a table.

    Its name is the table's, its docstring the table's description, and its positional parameters
    the tables it reads. `incremental` names the inputs of which a run reads the new rows only.
    For SCD type 2, `change_columns` are the columns that the function returns: what changed, and when.
    `ties` are totals that must equal those of other tables, `gates` what must be true of all its rows. `keeps` is the
    retention of its rows by their day, such as `400 days`; `watch_interval` how often it is updated at most while files
    are watched, such as `15 minutes`; `metrics` what is measured over its rows.
    """
    keys = (key,) if isinstance(key, str) else tuple(key)
    incremental_inputs = (incremental,) if isinstance(incremental, str) else tuple(incremental)

    def declare(build: Callable[P, DataFrame]) -> Table[P]:
        return Table(
            build,
            layer,
            tuple(columns),
            write,
            keys,
            tuple(partition_by),
            tuple(expectations),
            incremental_inputs,
            tuple(change_columns),
            tuple(ties),
            tuple(gates),
            keeps,
            watch_interval,
            metrics,
        )

    return declare
