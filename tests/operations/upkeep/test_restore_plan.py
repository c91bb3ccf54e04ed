from datetime import UTC, datetime, timedelta

import pytest

from shoplake.operations.upkeep.restore_plan import (
    MisdatedRun,
    RestoreError,
    RestorePlan,
    UnfinishedRestoreError,
    _version_at,
    check_dated,
    pending_restore,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


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
