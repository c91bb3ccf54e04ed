"""Transitions against those that plain Python counts."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplake.transforms.attribution.markov import CONVERSION, NONE, START
from shoplake.transforms.attribution.transitions import count_transitions

SCHEMA = "feed string, person_id string, at timestamp, id string, state string, day date"
MANY_STEPS = """
from pyspark.sql import functions as F
from shoplake.engine.session import sail
from shoplake.transforms.attribution.transitions import count_transitions

number = F.col("id")
steps = sail.session(300 << 20).range(600_000).select(
    F.concat(F.lit("shop"), (number % 2).cast("string")).alias("feed"),
    F.md5((number % 200_000).cast("string")).alias("person_id"),
    F.timestamp_seconds(1_750_000_000 + number).alias("at"),
    F.md5(number.cast("string")).alias("id"),
    F.lit("email").alias("state"),
    F.lit("2026-03-25").cast("date").alias("day"),
)
print(sorted((row.feed, row.come_from, row.go_to, row["count"]) for row in count_transitions(steps).collect()))
"""
"""With a limit that leaves the queries 100 MiB, for 600,000 steps of 200,000 persons."""
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


def test_paths_of_many_persons_take_little_of_the_memory_of_queries():
    run = subprocess.run([sys.executable, "-c", MANY_STEPS], capture_output=True, text=True, check=False)

    expected = [
        (feed, come_from, go_to, count)
        for feed in ("shop0", "shop1")
        for come_from, go_to, count in [
            (START, "email", 100_000),
            ("email", NONE, 100_000),
            ("email", "email", 200_000),
        ]
    ]
    assert run.stdout.strip() == str(sorted(expected)), run.stderr[-600:]
