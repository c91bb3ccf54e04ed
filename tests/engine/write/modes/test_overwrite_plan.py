from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from sample_tables import daily, totals

from shoplake.declare import Replace
from shoplake.engine.state.state_store import Offset
from shoplake.engine.write.modes.overwrite import ReplaceStrategy
from shoplake.engine.write.table_plan import AllRows, DateRange, FullRefresh, InputRange, Partitions, RunSelection

DAY = date(2026, 3, 1)
REQUESTED = RunSelection(start=DAY, end=DAY)
ONE, NONE = Partitions(frozenset({str(DAY)})), Partitions(frozenset())
COMPARED = replace(daily, write=Replace(partition_by="day", compare_partitions=True))


def planned(changed, selection=None, *, table=daily, before=(1, 1), action=ONE):
    """The actions and the reason of a plan, where some inputs changed; `action` is what differs, but for the dates."""
    names = zip(("marks", "prices"), before, strict=True)
    ranges = tuple(
        InputRange(name, Offset(version=at), Offset(version=9 if name in changed else at)) for name, at in names
    )
    inputs = SimpleNamespace(versions=lambda names: ranges, changed_partitions=lambda ranges, dates: dates or action)
    plan = ReplaceStrategy().plan(table, inputs, selection or RunSelection())
    assert (plan.table, plan.inputs) == (table.qualified_name, ranges)
    return plan.actions, plan.reason


@pytest.mark.parametrize(
    ("changed", "given", "action", "reason"),
    [
        ((), {}, None, "No input has changed."),
        ((), {"selection": RunSelection(full_refresh=True)}, FullRefresh(), "A full refresh is requested."),
        (("marks",), {"before": (None, None)}, FullRefresh(), "It is not built yet."),
        (("marks",), {"before": (None, 1)}, ONE, "marks changed."),
        (("marks", "prices"), {}, ONE, "marks, prices changed."),
        (("marks",), {"action": NONE}, None, "marks changed. No partition differs."),
        (
            ("marks",),
            {"action": FullRefresh()},
            FullRefresh(),
            "marks changed. The partitions that differ are unknown.",
        ),
        (("marks",), {"action": FullRefresh(), "table": totals}, FullRefresh(), "marks changed."),
        ((), {"selection": REQUESTED}, DateRange(DAY, DAY), "Dates are requested."),
        (("marks",), {"selection": REQUESTED}, DateRange(DAY, DAY), "marks changed."),
        ((), {"selection": REQUESTED, "table": totals}, None, "No input has changed."),
        (("marks",), {"table": COMPARED}, AllRows(), "marks changed. The partitions that differ are overwritten."),
    ],
)
def test_what_changed_decides_what_is_overwritten(changed, given, action, reason):
    assert planned(changed, **given) == (() if action is None else (action,), reason)
