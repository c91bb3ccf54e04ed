from datetime import date

import pytest

from shoplake.serve.answers.query.ranges import Scope, add_months, find_range, find_scope, split_range
from shoplake.serve.errors import AnswerNotFoundError, InvalidRangeError
from tests.serve.answers.small_shop import MemoryGeneration

SCOPE = Scope("shop", "GBP", date(2025, 1, 1), date(2026, 5, 2), ("GBP",))


def split(start, end, grain, compare="previous"):
    return split_range(SCOPE, start, end, grain, compare)


def test_weeks_begin_on_monday_and_are_cut_at_the_ends_of_the_range():
    buckets = split(date(2026, 4, 1), date(2026, 4, 14), "week")

    assert [(each.start.day, each.end.day) for each in buckets] == [(1, 5), (6, 12), (13, 14)]


def test_the_period_before_has_as_many_days():
    [bucket] = split(date(2026, 4, 11), date(2026, 4, 20), "total")

    assert (bucket.before_start, bucket.before_end) == (date(2026, 4, 1), date(2026, 4, 10))


def test_whole_months_are_compared_with_whole_months():
    buckets = split(date(2026, 3, 1), date(2026, 4, 30), "month")

    assert [(each.before_start, each.before_end) for each in buckets] == [
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 28)),
    ]


def test_last_year_has_the_same_days_also_of_a_leap_day():
    assert add_months(date(2028, 2, 29), -12) == date(2027, 2, 28)
    [bucket] = split(date(2026, 4, 11), date(2026, 4, 20), "total", "last_year")
    assert (bucket.before_start, bucket.before_end) == (date(2025, 4, 11), date(2025, 4, 20))


def test_an_unfinished_day_is_not_compared():
    buckets = split(date(2026, 5, 1), date(2026, 5, 2), "day")

    assert [(each.is_complete, each.before_end) for each in buckets] == [(True, date(2026, 4, 29)), (False, None)]


def test_an_unfinished_month_is_compared_with_the_same_part_of_the_month_before():
    *_, may = split(date(2026, 4, 1), date(2026, 5, 31), "month")

    assert (may.is_complete, may.before_start, may.before_end) == (False, date(2026, 3, 1), date(2026, 3, 1))


@pytest.mark.parametrize("compare", ["previous", "last_year"])
def test_a_range_is_not_compared_with_days_before_the_first_of_the_data(compare):
    buckets = split(date(2025, 1, 4), date(2025, 1, 8), "total", compare)

    assert [(each.before_start, each.before_end) for each in buckets] == [(None, None)]


def test_of_a_range_after_the_first_days_each_day_has_one_before_or_none():
    buckets = split(date(2025, 1, 3), date(2025, 1, 6), "day")

    assert [each.before_start for each in buckets] == [None, None, date(2025, 1, 1), date(2025, 1, 2)]


def test_the_feed_and_currency_with_most_orders_are_the_default(generation):
    scope = find_scope(generation, None)

    assert (scope.feed, scope.currency, scope.first_day) == ("shop", "GBP", date(2026, 3, 1))


def test_an_unknown_feed_names_the_nearest(generation):
    with pytest.raises(AnswerNotFoundError, match=r"Unknown feed 'shpo'\. Did you mean 'shop'\?"):
        find_scope(generation, "shpo")


def test_a_range_from_after_its_end_is_refused():
    with pytest.raises(InvalidRangeError, match="begins on 2026-05-01, after its end on 2026-04-01"):
        find_range(SCOPE, date(2026, 5, 1), date(2026, 4, 1))


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (date(2099, 1, 1), None, f"begins on 2099-01-01, and the last day with data is {SCOPE.last_day}. Write until="),
        (None, date(1999, 1, 1), f"ends on 1999-01-01, and the first day with data is {SCOPE.first_day}. Write since="),
    ],
)
def test_a_range_that_is_open_at_one_end_and_has_no_data_is_not_found(since, until, said):
    with pytest.raises(AnswerNotFoundError, match=said) as error:
        find_range(SCOPE, since, until)

    assert (error.value.status, InvalidRangeError.status) == (404, 422)


def test_a_range_of_too_many_days_is_refused():
    with pytest.raises(InvalidRangeError, match="by day is too long"):
        split(date(1990, 1, 1), date(2026, 4, 1), "day")


def test_an_empty_lake_has_no_days():
    scope = find_scope(MemoryGeneration(), None)

    assert (scope.feed, scope.currency, scope.first_day, scope.last_whole_day) == ("", None, None, None)


def test_a_month_before_all_years_is_out_of_range():
    with pytest.raises(OverflowError):
        add_months(date(1, 1, 1), -1)
