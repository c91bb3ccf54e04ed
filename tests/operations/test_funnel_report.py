import pytest

from shoplake.operations.funnel_report import report_funnel
from shoplake.tables.silver.events import events
from shoplake.transforms.funnel import Funnel
from shoplake.transforms.funnel.definition import FunnelError

DEFINITION = Funnel(("product_view", "purchase"))
VIEW = {"feed": "shop", "is_bot": False, "event_name": "product_view", "event_at": "2026-03-01 09:00"}


@pytest.fixture
def report(some):
    """The report of two visitors' first steps."""
    rows = some(events, *[VIEW | {"event_id": who, "visitor_id": who} for who in ("bob", "ann")])
    return report_funnel(rows, DEFINITION)


def test_the_steps_are_in_order_and_become_plain_values(report):
    assert [(step.step, step.name, step.entered, step.open) for step in report.steps] == [
        (1, "product_view", 2, 0),
        (2, "purchase", 2, 2),
    ]
    assert report.to_dicts()[1]["rate_of_closed"] is None


def test_the_members_are_sorted(report):
    assert [row.unit_id for row in report.members(2, "open").collect()] == ["ann", "bob"]


@pytest.mark.parametrize(
    ("step", "state", "message"),
    [(3, "open", "no step 3. Name one from 1 to 2"), (1, "droped", "Unknown state 'droped'. Did you mean 'dropped'")],
)
def test_a_step_or_state_that_does_not_exist_is_an_error(report, step, state, message):
    with pytest.raises(FunnelError, match=message):
        report.members(step, state)
