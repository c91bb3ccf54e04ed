from datetime import UTC, datetime, timedelta

import pytest

from shoplake.operations.upkeep.restore_plan import (
    MisdatedRun,
    RestoreError,
    RestorePlan,
    UnfinishedRestoreError,
    _version_at,
    check_dated,
    consistent_moment,
    kept_moment,
    pending_restore,
    without_undone,
)

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


def test_a_moment_whose_runs_are_recorded_as_of_after_it_is_refused():
    runs = [MisdatedRun(NOON + timedelta(days=3650), NOON + 5 * SECOND, NOON + 9 * SECOND)]

    check_dated(NOON, runs)
    with pytest.raises(RestoreError, match=r"12:00:05 to .* 12:00:09 UTC are recorded as of 2036-02-27 12:00:00 UTC"):
        check_dated(NOON + 5 * SECOND, runs)


def test_a_table_has_its_last_version_by_then_and_a_younger_one_its_first():
    times = {3: NOON, 4: NOON + SECOND, 5: NOON + 2 * SECOND}

    assert _version_at("silver.marks", times, NOON + SECOND) == 4
    assert _version_at("silver.marks", {0: NOON, 1: NOON + SECOND}, NOON - SECOND) == 0
    with pytest.raises(RestoreError, match=r"silver.marks cannot be .* its log begins at 2026-03-01 12:00:00"):
        _version_at("silver.marks", times, NOON - SECOND)


def test_a_plan_lies_in_the_lake_until_the_restore_is_finished(tmp_path):
    plan = RestorePlan(NOON, NOON - SECOND, {"silver.marks": 3}, {"silver.marks": 5}, NOON + SECOND)

    before = pending_restore(str(tmp_path))
    plan.save(str(tmp_path))

    assert before is None and pending_restore(str(tmp_path)) == plan
    assert str(UnfinishedRestoreError("lake", NOON)).endswith(
        "shoplake maintain restore --at 2026-03-01T12:00:00.000000Z"
    )
