"""Append: the rows of each batch of files, in bronze."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.engine.protocol import WriteResult
from shoplake.engine.storage import table_log
from shoplake.engine.write.modes.strategy import unsupported
from shoplake.engine.write.table_plan import Batches, TablePlan
from shoplake.engine.write.table_writer import append_batches

if TYPE_CHECKING:
    from shoplake.declare import Table
    from shoplake.engine.write.input_changes import InputChanges
    from shoplake.engine.write.modes.strategy import RowSource
    from shoplake.engine.write.table_plan import Action, RunSelection
    from shoplake.engine.write.table_writer import DeltaTableWriter


class AppendStrategy:
    """Appends the rows of each batch, replacing those of an earlier attempt at it."""

    def plan(self, table: Table[...], inputs: InputChanges, selection: RunSelection) -> TablePlan:
        """Return a plan without actions: the rows come from files, which are ingested before."""
        return TablePlan(table.qualified_name, reason="Its rows come from files.")

    def write(self, writer: DeltaTableWriter, action: Action, source: RowSource) -> WriteResult:
        """Append the rows of the action's batches, in one commit each."""
        if not isinstance(action, Batches):
            raise unsupported(writer, action)
        result = WriteResult(0, 0)
        for batch, rows in zip(action.ids, source.rows(action), strict=True):
            append_batches(writer.location, rows, [batch])
            count = table_log.row_count(writer.location.path, batch)
            result += WriteResult(count, count)
        return result
