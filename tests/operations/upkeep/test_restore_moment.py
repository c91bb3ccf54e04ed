from datetime import UTC, datetime, timedelta

import pytest

from shoplake.operations.upkeep.restore_moment import consistent_moment, kept_moment, without_undone

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
STARTS = [NOON, NOON + 60 * SECOND]
COMMITS = [NOON + 5 * SECOND, NOON + 65 * SECOND]


@pytest.mark.parametrize(
    ("second", "moment"),
    [
        (0, NOON - timedelta(microseconds=1)),
        (3, NOON - timedelta(microseconds=1)),
        (5, NOON + 5 * SECOND),
        (59, NOON + 59 * SECOND),
        (61, NOON + 60 * SECOND - timedelta(microseconds=1)),
        (90, NOON + 90 * SECOND),
    ],
)
def test_a_run_that_was_at_work_is_left_out(second, moment):
    assert consistent_moment(NOON + second * SECOND, STARTS, COMMITS) == moment


def test_commits_that_a_restore_to_that_moment_or_later_has_undone_are_left_out():
    restores = [(NOON, NOON + 10 * SECOND)]

    assert without_undone(NOON, COMMITS, restores) == COMMITS[1:]
    assert without_undone(NOON + SECOND, COMMITS, restores) == COMMITS


@pytest.mark.parametrize(
    ("second", "kept", "undone_second"),
    [(5, 5, None), (10, 10, None), (15, 10, 40), (25, 10, 40), (35, 10, 40), (41, 41, None)],
)
def test_a_moment_that_was_undone_stands_for_the_one_of_its_restore(second, kept, undone_second):
    restores = [(NOON + 10 * SECOND, NOON + 20 * SECOND), (NOON + 12 * SECOND, NOON + 40 * SECOND)]
    undone_at = None if undone_second is None else NOON + undone_second * SECOND

    assert kept_moment(NOON + second * SECOND, restores) == (NOON + kept * SECOND, undone_at)
