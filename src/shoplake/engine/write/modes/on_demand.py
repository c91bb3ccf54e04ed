"""OnDemand: partitions are overwritten when a command writes them, and never by a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.engine.write.modes.strategy import unsupported
from shoplake.engine.write.table_plan import Partitions, TablePlan

if TYPE_CHECKING:
    from shoplake.declare import Table
    from shoplake.engine.protocol import WriteResult
    from shoplake.engine.write.input_changes import InputChanges
    from shoplake.engine.write.modes.strategy import RowSource
    from shoplake.engine.write.table_plan import Action, RunSelection
    from shoplake.engine.write.table_writer import DeltaTableWriter

NOT_BY_A_RUN = "A command writes it."


class OnDemandStrategy:
    """Overwrites the partitions that a command computes; plans nothing for a run."""

    def plan(self, table: Table[...], inputs: InputChanges, selection: RunSelection) -> TablePlan:
        """Plan nothing: the inputs count as read, so that a run has nothing to record either."""
        return TablePlan(table.qualified_name, reason=NOT_BY_A_RUN)

    def write(self, writer: DeltaTableWriter, action: Action, source: RowSource) -> WriteResult:
        """Overwrite the partitions of the action with the rows of the source."""
        column = writer.table.partition_column
        if not isinstance(action, Partitions) or column is None:
            raise unsupported(writer, action)
        [rows] = source.rows(action)
        writer.check(rows)
        before = writer.row_count()
        with writer.staging() as stage:
            stored = writer.with_stored_types(stage.materialize(rows, "predicted"), writer.read())
            writer.overwrite_partitions(stage, stored, action.values, column)
        return writer.count_all(before)
