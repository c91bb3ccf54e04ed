"""One table and its inputs in a lake of their own, to change the inputs and to update the table from what changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from hypothesis import HealthCheck, Phase, settings

from shoplake.declare import Replace
from shoplake.engine.storage.delta_log import file_paths
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.input_changes import InputChanges
from shoplake.engine.write.modes import STRATEGIES
from shoplake.engine.write.modes.overwrite import ReplaceStrategy
from shoplake.engine.write.table_plan import Keys, RunSelection
from shoplake.pipeline.table_inputs import TableInputs

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Feeds, Table
    from shoplake.engine.ingest.file_registry import FileRegistry
    from shoplake.engine.protocol import WriteResult
    from shoplake.engine.state.state_store import Offset
    from shoplake.engine.write.table_plan import TablePlan

ANY_ORDER = settings(
    derandomize=True,
    max_examples=2,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
"""Of property tests that have a lake for each example."""
NO_FILES = cast("FileRegistry", None)


class Rebuild:
    """A table that is updated from changes of its inputs."""

    def __init__(
        self,
        session: SparkSession,
        folder: Path,
        table: Table[...],
        inputs: list[Table[...]],
        feeds: Feeds = (),
        prune_above_partitions: int = 0,
    ) -> None:
        strategies = {**STRATEGIES, Replace: ReplaceStrategy(prune_above_partitions)}
        self.engine = DeltaEngine(session, str(folder), strategies=strategies)
        self.table, self.feeds = table, feeds
        self.catalog = {each.name: each for each in (*inputs, table)}
        for each in (*inputs, table):
            self.engine.location(each).create_if_missing(each)
        self.offsets: dict[str, Offset] = {}
        self.results: list[WriteResult] = []
        """Of the actions of the last update."""

    def put(self, name: str, rows: DataFrame) -> None:
        """Let an input have these rows and no others."""
        each = self.catalog[name]
        self.engine.location(each).overwrite(rows, each.partition_by)

    def update(self, left: frozenset[str] = frozenset()) -> TablePlan:
        """Update the table as a run does, or leave some partitions of keys as they are; return the plan."""
        changes = InputChanges(self.engine, self.catalog, self.table, self.offsets, NO_FILES, self.feeds)
        plan = self.engine.strategy(self.table).plan(self.table, changes, RunSelection())
        actions = [replace(each, left=left) if isinstance(each, Keys) else each for each in plan.actions]
        self.results = [self.engine.execute(self.table, action, self._source) for action in actions]
        self.offsets = {each.table: each.after for each in plan.inputs}
        return plan

    def stored(self) -> Counter[Any]:
        """Return the rows that the table has."""
        return counted(self.engine.read(self.table), self.table)

    def computed(self) -> Counter[Any]:
        """Return the rows that a full refresh would give it."""
        return counted(self._source.build_from({}), self.table)

    def files(self, partition: str) -> set[str]:
        """Return the files of a partition of the table."""
        return {file for file in file_paths(self.engine.path(self.table)) if f"={partition}/" in file}

    @property
    def _source(self) -> TableInputs:
        return TableInputs(self.engine, self.catalog, self.table, NO_FILES, self.feeds)


def counted(rows: DataFrame, table: Table[...]) -> Counter[Any]:
    """Count rows by the text of their values."""
    return Counter(repr(tuple(row)) for row in rows.select(*[each.name for each in table.columns]).collect())
