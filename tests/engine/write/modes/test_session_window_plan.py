from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sample_tables import CATALOG, visits

from shoplake.engine.state.state_store import Offset
from shoplake.engine.write.modes.session_window import SessionWindowStrategy
from shoplake.engine.write.row_diff import MAX_PARTITIONS_PER_QUERY
from shoplake.engine.write.table_plan import DateRange, FullRefresh, InputRange, RunSelection, Sessions

FIRST = date(2026, 3, 1)
MARCH, NEVER = DateRange(FIRST, date(2026, 3, 31)), DateRange(date.max, date.min)
SECOND_DAY = DateRange(date(2026, 3, 2), date(2026, 3, 2))


def priced(marks, prices):
    """Visits that depend on prices too."""
    return marks


def planned(changed, selection=None, *, before=(1, 1), diff=True, touched=NEVER, days=0):
    """The actions and the reason of a plan, where some inputs changed; `touched` are the days that prices matter to."""
    table = replace(visits, build=priced)
    names = zip(("marks", "prices"), before, strict=True)
    ranges = [InputRange(name, Offset(version=at), Offset(version=9 if name in changed else at)) for name, at in names]
    reader = SimpleNamespace(
        commit_diff=lambda table, since: diff or None,
        partitions=lambda table, column: {str(FIRST + timedelta(days=number)) for number in range(-2, days)},
    )
    inputs = SimpleNamespace(
        versions=lambda names: tuple(ranges),
        catalog=CATALOG,
        reader=reader,
        changed_dates=lambda of: {"prices": touched}[of.table],
    )
    plan = SessionWindowStrategy().plan(table, inputs, selection or RunSelection())
    assert (plan.table, plan.inputs) == ("silver.priced", tuple(ranges))
    return plan.actions, plan.reason


UNKNOWN = "The rows that changed are unknown or many."
REQUESTED = RunSelection(start=FIRST, end=FIRST)


@pytest.mark.parametrize(
    ("changed", "given", "action", "reason"),
    [
        ((), {}, None, "No input has changed."),
        ((), {"selection": RunSelection(full_refresh=True)}, FullRefresh(), "A full refresh is requested."),
        (("marks",), {"before": (None, None)}, FullRefresh(), "It is not built yet."),
        (("marks",), {}, Sessions(1, "day"), "marks changed."),
        (("marks",), {"before": (None, 1)}, FullRefresh(), f"marks changed. {UNKNOWN}"),
        (("marks",), {"diff": False}, FullRefresh(), f"marks changed. {UNKNOWN}"),
        (("marks", "prices"), {}, Sessions(1, "day"), "marks, prices changed."),
        ((), {"selection": REQUESTED}, Sessions(1, "day", REQUESTED.dates), "Dates are requested."),
        (("prices",), {"touched": None}, FullRefresh(), f"prices changed. {UNKNOWN}"),
        (("prices",), {}, None, "prices changed. No session differs."),
    ],
)
def test_what_changed_decides_the_sessions(changed, given, action, reason):
    assert planned(changed, **given) == (() if action is None else (action,), reason)


@pytest.mark.parametrize("days", [0, 3, MAX_PARTITIONS_PER_QUERY, MAX_PARTITIONS_PER_QUERY + 1])
def test_an_input_that_matters_to_many_days_has_all_sessions_built(days):
    many = DateRange(FIRST, FIRST + timedelta(days=99))

    actions, _ = planned(("prices",), touched=many, days=days)

    assert actions == ((FullRefresh() if days > MAX_PARTITIONS_PER_QUERY else Sessions(1, "day", many)),)


def test_the_days_of_another_input_come_with_those_that_are_requested():
    assert planned(("prices",), REQUESTED, touched=SECOND_DAY)[0] == (
        Sessions(1, "day", DateRange(FIRST, SECOND_DAY.end)),
    )
