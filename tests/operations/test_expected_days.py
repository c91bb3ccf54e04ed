from datetime import date

import pytest
from sample_tables import marks

from shoplake.declare import extend, rows_like_history
from shoplake.engine import AUDIT, StateStore
from shoplake.errors import DeclarationError
from shoplake.operations.expected_days import expect_day
from shoplake.quality.staged_gates import acknowledged_days

FRIDAY = date(2026, 11, 27)


@pytest.fixture
def state(tmp_path):
    made = StateStore(str(tmp_path))
    made.create_if_missing()
    return made


def test_an_expected_day_is_acknowledged_for_each_feed_and_kept_in_the_audit(state):
    table = extend("silver.marks", gates=[rows_like_history("day")]).apply(marks)

    assert expect_day(state, table, ["shop", "other"], FRIDAY, "Black Friday") == ["rows_like_history"]
    assert acknowledged_days(state) == {("silver.marks", "rows_like_history"): {"shop 2026-11-27", "other 2026-11-27"}}
    [row] = state.read(AUDIT)
    assert (row["command"], row["subject"], row["because"]) == ("expect", "silver.marks 2026-11-27", "Black Friday")


def test_a_table_that_compares_no_days_is_an_error_that_says_what_to_add(state):
    with pytest.raises(DeclarationError, match=r'no gate that compares days.*extend\("silver.marks"'):
        expect_day(state, marks, ["shop"], FRIDAY, "Black Friday")
