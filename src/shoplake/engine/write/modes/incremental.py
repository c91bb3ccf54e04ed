"""The plan that is common to the modes that merge records: the new batches of the incremental inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.declare import ReplaceDocuments
from shoplake.engine.write.table_plan import AllRows, Batches, FullRefresh, TablePlan

if TYPE_CHECKING:
    from shoplake.declare import Table
    from shoplake.engine.write.input_changes import InputChanges
    from shoplake.engine.write.table_plan import RunSelection

UNCHANGED = "No input has changed."
REQUESTED = "A full refresh is requested."
NOT_BUILT = "It is not built yet."


def plan_records(table: Table[...], inputs: InputChanges, selection: RunSelection) -> TablePlan:
    """Plan a table made of records: its new batches, or all rows where it has no incremental input."""
    return _plan_batches(table, inputs, selection) if table.incremental else _plan_all_rows(table, inputs, selection)


def _plan_batches(table: Table[...], inputs: InputChanges, selection: RunSelection) -> TablePlan:
    """Merge the new batches; rebuild the table where one of them replaces what was ingested.

    A corrected record belongs to the version of a document that the other records of its file are of.
    """
    ranges, new = inputs.batches()
    name = table.qualified_name
    if ranges and selection.full_refresh:
        return TablePlan(name, (FullRefresh(selection.keeps_equal),), ranges, REQUESTED)
    if ranges and inputs.replaced_batches() & set(new):
        return TablePlan(name, (FullRefresh(),), ranges, "A new file replaces one that was ingested before.")
    if ranges and isinstance(table.write, ReplaceDocuments) and inputs.fix_batches() & set(new):
        return TablePlan(name, (FullRefresh(),), ranges, "A record was corrected, which may be a part of a document.")
    if new:
        count = "is 1 new batch" if len(new) == 1 else f"are {len(new)} new batches"
        return TablePlan(name, (Batches(new),), ranges, f"There {count} of {' and '.join(table.incremental)}.")
    return TablePlan(name, (), ranges, UNCHANGED)


def _plan_all_rows(table: Table[...], inputs: InputChanges, selection: RunSelection) -> TablePlan:
    """Merge all rows of the inputs once one of them has changed."""
    ranges = inputs.versions(table.inputs)
    changed = [each.table for each in ranges if each.has_changed]
    if not changed and not selection.full_refresh:
        return TablePlan(table.qualified_name, (), ranges, UNCHANGED)
    reason = f"{', '.join(changed)} changed." if changed else REQUESTED
    return TablePlan(table.qualified_name, (AllRows(),), ranges, reason)
