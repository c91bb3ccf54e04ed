import itertools

import pytest

from shoplake.simulate.calendar import Calendar
from shoplake.simulate.realistic.planted.anomaly_plan import KINDS, plan_anomalies


@pytest.fixture
def plan(options):
    def build(**arguments):
        given = options(**arguments)
        return plan_anomalies(given, Calendar(given.shop()))

    return build


def test_a_long_period_has_one_anomaly_of_each_of_the_twelve_kinds(plan):
    assert sorted(each.kind for each in plan(days=300)) == sorted(KINDS)
    assert len(KINDS) == 12


def test_anomalies_do_not_overlap_and_leave_days_before_and_after(plan):
    planned = plan(days=170)

    assert all(one.last_day + 1 < other.first_day for one, other in itertools.pairwise(planned))
    assert planned[0].first_day >= 59
    assert planned[-1].last_day < 169


def test_a_short_period_has_fewer_and_a_week_has_none(plan):
    assert (len(plan(days=40)), plan(days=7)) == (3, [])


def test_there_are_none_without_the_feature(plan):
    assert plan(days=300, features=frozenset()) == []
