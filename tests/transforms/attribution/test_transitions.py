"""Transitions against those that plain Python counts."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplake.transforms.attribution.markov import CONVERSION, NONE, START
from shoplake.transforms.attribution.transitions import count_transitions

SCHEMA = "feed string, person_id string, at timestamp, id string, state string, day date"
BEGIN = datetime(2026, 3, 25, tzinfo=UTC)
steps = st.lists(
    st.tuples(st.sampled_from(["ann", "bob"]), st.integers(0, 12), st.sampled_from(["email", "direct", CONVERSION])),
    max_size=30,
)


def to_rows(found):
    """Steps a day apart, with the columns of the state's table."""
    for number, (person, day, state) in enumerate(found):
        at = BEGIN + timedelta(days=day)
        yield ("shop", person, at, f"{number:03}", state, at.date())


def count_by_hand(rows):
    counts, paths = Counter(), {}
    in_order = sorted(rows, key=lambda row: (row[1], row[2], row[4] == CONVERSION, row[3]))
    for _, person, _, _, state, day in in_order:
        paths.setdefault((day.strftime("%Y-%m-01"), person), []).append(state)
    for (month, _), states in paths.items():
        text = "|".join(states).split(CONVERSION)
        for number, part in enumerate(text):
            path = [state for state in part.split("|") if state]
            end = CONVERSION if number < len(text) - 1 else NONE
            counts.update((month, *pair) for pair in pairwise([START, *path, end]) if path)
    return counts


@settings(max_examples=examples(15))
@given(steps)
def test_transitions_are_those_of_plain_python(spark, found):
    rows = list(to_rows(found))

    counted = count_transitions(spark.createDataFrame(rows, SCHEMA)).collect()

    assert {(row.month, row.come_from, row.go_to): row["count"] for row in counted} == count_by_hand(rows)
