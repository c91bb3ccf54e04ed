from datetime import datetime, timedelta

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoplake.transforms.interval_join import interval_join

NOON = datetime(2026, 3, 1, 12)
HOUR = timedelta(hours=1)


def moment(hours):
    return None if hours is None else NOON + hours * HOUR


@pytest.fixture
def joined(spark):
    """`(n, feed, id, hours)` with the name of intervals `(feed, id, first, last, name)`, in hours after noon."""

    def join(rows, intervals):
        moments = [(*row[:3], moment(row[3])) for row in rows]
        spans = [(*span[:2], moment(span[2]), moment(span[3]), span[4]) for span in intervals]
        left = spark.createDataFrame(moments, "n int, feed string, id string, at timestamp")
        right = spark.createDataFrame(
            spans, "feed string, id string, started_at timestamp, ended_at timestamp, name int"
        )
        found = interval_join(left, right, ["feed", "id"], "at", ["name"]).collect()
        return sorted((row.n, row.name) for row in found)

    return join


FEEDS, IDS = st.sampled_from(["s", "t", None]), st.sampled_from(["a", "b", None])
ROWS = st.lists(st.tuples(FEEDS, IDS, st.one_of(st.none(), st.integers(0, 60))), max_size=12)
BOUNDS = st.dictionaries(
    st.tuples(st.sampled_from("st"), st.sampled_from("ab")), st.sets(st.integers(0, 60), max_size=6), max_size=4
)


@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, BOUNDS)
def test_each_row_is_returned_once_with_the_interval_that_a_loop_finds(joined, rows, bounds):
    ordered = {key: sorted(hours) for key, hours in bounds.items()}
    spans = [(*key, *span, span[0]) for key, at in ordered.items() for span in zip(at[::2], at[1::2], strict=False)]
    numbered = [(n, *row) for n, row in enumerate(rows)]

    expected = []
    for n, *key, at in numbered:
        names = [span[4] for span in spans if span[:2] == tuple(key) and at is not None and span[2] <= at <= span[3]]
        expected.append((n, names[0] if names else None))
    assert joined(numbered, spans) == expected


@pytest.mark.parametrize(("at", "name"), [(9, None), (10, 1), (13, 1), (40, 1), (41, None), (None, None)])
def test_an_interval_over_midnight_has_both_of_its_ends(joined, at, name):
    assert joined([(1, "s", "a", at)], [("s", "a", 10, 40, 1)]) == [(1, name)]


def test_equal_rows_are_all_returned(joined):
    assert joined([(1, "s", "a", 15)] * 3, [("s", "a", 15, 15, 1)]) == [(1, 1)] * 3


def test_without_intervals_every_row_has_nulls(joined):
    assert joined([(1, "s", "a", 15)], []) == [(1, None)]
