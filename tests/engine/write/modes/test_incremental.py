from dataclasses import replace

import pytest
from sample_documents import receipts, receipts_raw
from sample_tables import CATALOG, latest, totals

from shoplake.declare import Upsert
from shoplake.declare.catalog import Catalog
from shoplake.engine.state.state_store import Offset
from shoplake.engine.write.input_changes import InputChanges
from shoplake.engine.write.modes.incremental import plan_records
from shoplake.engine.write.table_plan import AllRows, Batches, FullRefresh, RunSelection


class Files:
    """Two batches of marks, of which the second may replace a file of the first."""

    def __init__(self, replaced=False):
        self._replaced = replaced

    def latest_batch(self, names):
        return "b2"

    def batches_since(self, name, after):
        return {batch for batch in ("b1", "b2") if batch > (after or "")}

    def superseded_files(self, name):
        return {("shop", "f"): (["b1"], "b2")} if self._replaced else {}

    def fix_batches(self, name):
        return {"b2"}


def planned(offset, files=None, **selection):
    inputs = InputChanges(None, CATALOG, latest, {"marks_raw": offset}, files or Files())
    return plan_records(latest, inputs, RunSelection(**selection))


def test_corrected_records_rebuild_a_table_of_documents_of_which_they_may_be_parts():
    inputs = InputChanges(None, Catalog([receipts_raw, receipts]), receipts, {"receipts_raw": Offset("b1")}, Files())

    plan = plan_records(receipts, inputs, RunSelection())

    assert (plan.actions, plan.reason) == (
        (FullRefresh(),),
        "A record was corrected, which may be a part of a document.",
    )


@pytest.mark.parametrize(
    ("offset", "actions", "reason"),
    [
        (Offset(), (Batches(("b1", "b2")),), "There are 2 new batches of marks_raw."),
        (Offset("b1"), (Batches(("b2",)),), "There is 1 new batch of marks_raw."),
        (Offset("b2"), (), "No input has changed."),
    ],
)
def test_the_batches_that_were_not_read_yet_are_planned(offset, actions, reason):
    plan = planned(offset)

    assert (plan.actions, plan.reason) == (actions, reason)
    assert [each.after for each in plan.inputs] == [Offset("b2")]


def test_a_batch_that_replaces_a_file_is_planned_as_a_full_refresh_once():
    plan = planned(Offset("b1"), Files(replaced=True))

    assert (plan.actions, plan.reason) == ((FullRefresh(),), "A new file replaces one that was ingested before.")
    assert planned(Offset("b2"), Files(replaced=True)).actions == ()


def test_a_full_refresh_that_is_requested_is_planned():
    plan = planned(Offset("b2"), full_refresh=True)

    assert (plan.actions, plan.reason) == ((FullRefresh(),), "A full refresh is requested.")


def test_a_table_without_incremental_inputs_merges_all_rows_once_one_changed(engine):
    table = replace(totals, write=Upsert(order_by="pieces"))
    plans = []
    for version in (None, engine.version(CATALOG["daily"])):
        inputs = InputChanges(engine, CATALOG, table, {"daily": Offset(version=version)}, None)
        plan = plan_records(table, inputs, RunSelection())
        plans.append((plan.actions, plan.reason))

    assert plans == [((AllRows(),), "daily changed."), ((), "No input has changed.")]
