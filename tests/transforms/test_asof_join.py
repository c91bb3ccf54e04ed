import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoplake.transforms.asof_join import asof_join


@pytest.fixture
def joined(spark):
    """`(n, feed, id, at)` with the price of versions `(feed, id, valid_from, valid_to, price)`."""

    def join(rows, versions):
        left = spark.createDataFrame(list(rows), "n int, feed string, id string, at bigint")
        right = spark.createDataFrame(
            list(versions), "feed string, id string, valid_from bigint, valid_to bigint, price int"
        )
        return sorted(map(tuple, asof_join(left, right, ["feed", "id"], "at", ["price"]).collect()))

    return join


LAMP = [("s", "a", 10, 20, 1), ("s", "a", 20, None, 2)]
FEEDS, IDS = st.sampled_from(["s", "t", None]), st.sampled_from(["a", "b", None])
ROWS = st.lists(st.tuples(FEEDS, IDS, st.one_of(st.none(), st.integers(0, 9))), max_size=12)
STARTS = st.dictionaries(
    st.tuples(st.sampled_from("st"), st.sampled_from("ab")), st.sets(st.integers(0, 9), min_size=1), max_size=4
)


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, STARTS)
def test_each_row_is_returned_once_with_the_version_that_a_loop_finds(joined, rows, starts):
    versions = []
    for key, moments in starts.items():
        ordered = sorted(moments)
        versions += [(*key, *span, span[0]) for span in zip(ordered, [*ordered[1:], None], strict=True)]
    numbered = [(n, *row) for n, row in enumerate(rows)]

    expected = []
    for row in numbered:
        starts_before = [start for start in starts.get(row[1:3], ()) if row[3] is not None and start <= row[3]]
        expected.append((*row, max(starts_before, default=None)))
    assert joined(numbered, versions) == expected


@pytest.mark.parametrize(("at", "price"), [(9, None), (10, 1), (19, 1), (20, 2), (99, 2), (None, None)])
def test_a_version_is_valid_from_its_start_up_to_not_including_its_end(joined, at, price):
    assert joined([(1, "s", "a", at)], LAMP) == [(1, "s", "a", at, price)]


def test_a_row_of_another_key_or_none_has_no_version(joined):
    rows = [(1, "t", "a", 15), (2, "s", "b", 15), (3, "s", None, 15)]

    assert joined(rows, LAMP) == [(*row, None) for row in rows]


def test_equal_rows_are_all_returned(joined):
    assert joined([(1, "s", "a", 15)] * 3, LAMP) == [(1, "s", "a", 15, 1)] * 3


def test_after_the_last_version_has_ended_there_is_none(joined):
    assert joined([(1, "s", "a", 20)], LAMP[:1]) == [(1, "s", "a", 20, None)]


def test_without_versions_every_row_has_nulls(joined):
    assert joined([(1, "s", "a", 15)], []) == [(1, "s", "a", 15, None)]
