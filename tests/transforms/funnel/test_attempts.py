"""The attempts of a funnel against brute force, and the cases that other funnels get wrong."""

from __future__ import annotations

from collections import namedtuple

import pyarrow as pa
import pytest
from examples import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shoplake.transforms.funnel.attempts import NOT_REACHED, SEPARATOR, AttemptFinder
from shoplake.transforms.funnel.matching import EXCLUDED, NEVER, OTHER, Pattern
from shoplake.transforms.sorted_groups import ROW_NUMBER

from . import oracle

Asked = namedtuple("Asked", "steps window step_windows order exclude", defaults=(10, {}, "ordered", ()))
ABC = Asked(("a", "b", "c"))
LATE = 1_000


def place(name, asked):
    return asked.steps.index(name) if name in asked.steps else len(asked.steps)


def sort(unit, asked):
    return sorted(unit, key=lambda event: (event[0], place(event[1], asked)))


def table(units, asked, as_of):
    cells = []
    for number, unit in enumerate(units):
        for row, (at, name) in enumerate(sort(unit, asked), 1):
            is_step = name in asked.steps
            code = asked.steps.index(name) if is_step else EXCLUDED if name in asked.exclude else OTHER
            if is_step or name in asked.exclude or asked.order == "strict":
                cells.append((f"shop{SEPARATOR}{number}", at, code, as_of, f"{name}{at}", row))
    names = ("unit_key", "at", "code", "as_of", "segment", ROW_NUMBER)
    types = (pa.string(), pa.int64(), pa.int64(), pa.int64(), pa.string(), pa.int64())
    columns = list(zip(*cells, strict=True)) or [()] * 6
    rows = pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, types, strict=True)})
    return rows.append_column("ended_at", rows["at"])


def renumber(rows):
    """Count the rows of each unit again, after some have been left out."""
    numbers, last, number = [], None, 0
    for key in rows["unit_key"].to_pylist():
        number = number + 1 if key == last else 1
        last = key
        numbers.append(number)
    return rows.set_column(rows.schema.get_field_index(ROW_NUMBER), ROW_NUMBER, pa.array(numbers, pa.int64()))


def find(units, asked=ABC, as_of=LATE, *, totals=False, segment_from=1):
    pattern = Pattern(
        codes=tuple(asked.steps.index(name) for name in asked.steps),
        window=NEVER if asked.window is None else asked.window,
        step_windows=tuple(asked.step_windows.get(number, NEVER) for number in range(1, len(asked.steps) + 1)),
        order=asked.order,
    )
    return AttemptFinder(pattern, totals, segment_from).attempts(renumber(table(units, asked, as_of))).to_pylist()


def result(row):
    return row["reached"], tuple(int(at.timestamp() * 1_000_000) for at in row["step_times"]), row["is_open"]


def only(text, asked=ABC, **options):
    """The result of one unit whose events are the letters of a text, at 0, 1, 2 …"""
    return [result(row) for row in find([list(enumerate(text))], asked, **options)]


events = st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abcdx")), max_size=9)
patterns = st.builds(
    Asked,
    st.sampled_from([("a", "b"), ("a", "b", "c"), ("a", "a"), ("a", "b", "a"), ("b", "a", "c", "b")]),
    st.sampled_from([None, 2, 5, 10]),
    st.sampled_from([{}, {2: 1}, {2: 3}]),
    st.sampled_from(["ordered", "strict", "any"]),
    st.sampled_from([(), ("x",)]),
).map(lambda asked: asked._replace(step_windows={} if asked.order == "any" else asked.step_windows))


@settings(max_examples=examples(100))
@given(st.lists(events, max_size=3), patterns, st.integers(12, 20))
@example([[(0, "a"), (1, "b"), (5, "b"), (6, "c")]], ABC._replace(step_windows={3: 2}), 20)
def test_the_best_attempt_of_each_unit_is_that_of_brute_force(units, asked, as_of):
    expected = [oracle.best_attempt(sort(unit, asked), asked, as_of) for unit in units]

    found = {int(row["unit_id"]): result(row) for row in find(units, asked, as_of)}

    assert found == {number: each for number, each in enumerate(expected) if each}


@settings(max_examples=examples(100))
@given(st.lists(events, max_size=3), patterns, st.integers(12, 20))
def test_the_attempts_that_do_not_overlap_are_those_of_brute_force(units, asked, as_of):
    expected = [oracle.all_attempts(sort(unit, asked), asked, as_of) for unit in units]

    found = find(units, asked, as_of, totals=True)

    assert [result(row) for row in found] == [attempt for unit in expected for attempt in unit]
    assert [row["attempt"] for row in found] == [number for unit in expected for number in range(1, len(unit) + 1)]


@pytest.mark.parametrize(
    ("text", "order", "reached"),
    [
        ("abc", "ordered", 3),
        ("adbc", "ordered", 3),
        ("abc", "strict", 3),
        ("adbc", "strict", 1),
        ("adabc", "strict", 3),
        ("ba", "ordered", 1),
        ("ba", "any", 2),
        ("cba", "any", 3),
    ],
)
def test_the_order_says_what_counts(text, order, reached):
    [(steps, _, _)] = only(text, ABC._replace(order=order))

    assert steps == reached


def test_repeated_steps_count_once_from_the_first():
    assert only("aabbcc") == [(3, (0, 2, 4), False)]


def test_repeat_conversions_count_once_per_unit_and_each_in_totals():
    assert only("abcabc") == [(3, (0, 1, 2), False)]
    assert only("abcabc", totals=True) == [(3, (0, 1, 2), False), (3, (3, 4, 5), False)]


def test_steps_at_one_time_count_as_in_order():
    assert [result(row) for row in find([[(5, "c"), (5, "a"), (5, "b")]])] == [(3, (5, 5, 5), False)]


def test_a_step_twice_in_the_list_needs_two_events():
    twice = Asked(("a", "a"))

    assert (only("a", twice), only("aa", twice)) == ([(1, (0,), False)], [(2, (0, 1), False)])


def test_a_step_exactly_at_the_end_of_the_window_counts_and_later_does_not():
    assert [row["reached"] for row in find([[(0, "a"), (10, "b")], [(0, "a"), (11, "b")]])] == [2, 1]


def test_an_old_start_does_not_hide_a_later_one_within_the_window():
    assert [result(row) for row in find([[(0, "a"), (20, "a"), (25, "b"), (30, "c")]])] == [(3, (20, 25, 30), False)]


def test_an_attempt_is_open_until_its_window_is_over():
    young, over = find([[(0, "a")]], as_of=9), find([[(0, "a")]], as_of=10)

    assert (young[0]["is_open"], over[0]["is_open"]) == (True, False)


def test_the_segment_is_that_of_the_first_the_last_or_a_numbered_step():
    unit = [(0, "a"), (4, "b")]

    assert [find([unit], segment_from=place)[0]["segment"] for place in (1, None, 2, 3)] == [
        "a0",
        "b4",
        "b4",
        NOT_REACHED,
    ]
