from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from examples import examples
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from shoplake.declare import Scd2
from shoplake.transforms.scd2 import Scd2Builder, build_scd2

SCHEMA = "feed string, id string, at timestamp, name string, price int"
TYPES = dict(each.split() for each in SCHEMA.split(", "))


def moment(hours):
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hours)


def number(at):
    return None if at is None else round((at.replace(tzinfo=UTC) - moment(0)).total_seconds() / 3600)


@pytest.fixture
def versions(spark):
    """The versions of changes `(feed, id, at, name, price)`, in order, without the flag that follows."""

    def build(*changes, key=("feed", "id")):
        records = [(feed, each, moment(at), *facts) for feed, each, at, *facts in changes]
        rows = build_scd2(spark.createDataFrame(records, SCHEMA), list(key), Scd2("at"), TYPES).collect()
        assert all(row.is_current == (row.valid_to is None) for row in rows)
        return sorted((r.feed, r.id, number(r.valid_from), number(r.valid_to), r.name, r.price) for r in rows)

    return build


def oracle(changes):
    """The same in plain Python, for changes at distinct times."""
    by_key, rows = defaultdict(dict), []
    for feed, each, at, *facts in changes:
        by_key[feed, each][at] = facts
    for key, facts_at in by_key.items():
        distinct = []
        for at in sorted(facts_at):
            if not distinct or distinct[-1][1] != facts_at[at]:
                distinct.append((at, facts_at[at]))
        ends = [at for at, _ in distinct[1:]] + [None]
        rows += [(*key, at, end, *facts) for (at, facts), end in zip(distinct, ends, strict=True)]
    return sorted(rows)


@pytest.mark.parametrize("year", [1, 1582, 1676, 2263, 9999])
def test_a_version_of_any_year_ends_in_its_month(spark, year):
    changes = [("s", "a", datetime(year, 2, day, tzinfo=UTC), "x", day) for day in (3, 4)]

    rows = build_scd2(spark.createDataFrame(changes, SCHEMA), ["feed", "id"], Scd2("at"), TYPES)

    assert {row[0] for row in rows.select(F.col("valid_to_month").cast("string")).collect()} == {
        None,
        f"{year:04}-02-01",
    }


KEYS = st.tuples(st.sampled_from(["shop", "other"]), st.sampled_from(["a", "b"]), st.integers(0, 6))
FACTS = st.tuples(st.sampled_from(["x", "y", "", None]), st.sampled_from([0, 1, None]))
CHANGES = st.dictionaries(KEYS, FACTS, min_size=1, max_size=14).map(
    lambda changes: [(*key, *facts) for key, facts in changes.items()]
)
FEW = settings(
    max_examples=examples(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@FEW
@given(CHANGES, st.data())
def test_shuffled_repeated_and_late_changes_create_the_versions_of_a_loop(versions, changes, data):
    repeated = changes + data.draw(st.lists(st.sampled_from(changes), max_size=5))

    arrived = data.draw(st.permutations(repeated))

    assert versions(*arrived) == oracle(changes)


@FEW
@given(st.lists(st.tuples(KEYS, FACTS).map(lambda both: (*both[0], *both[1])), min_size=1, max_size=14), st.data())
def test_one_version_of_a_key_is_current_and_there_is_no_gap_and_no_overlap(versions, changes, data):
    rows = versions(*changes)

    assert rows == versions(*data.draw(st.permutations(changes)))
    for key in {row[:2] for row in rows}:
        own = [row for row in rows if row[:2] == key]
        assert [row[3] for row in own[:-1]] == [row[2] for row in own[1:]]
        assert [row[3] is None for row in own] == [False] * (len(own) - 1) + [True]


def test_a_no_op_change_creates_no_version(versions):
    assert versions(("s", "a", 1, "x", 1), ("s", "a", 2, "x", 1), ("s", "a", 3, "y", 1)) == [
        ("s", "a", 1, 3, "x", 1),
        ("s", "a", 3, None, "y", 1),
    ]


def test_null_to_a_value_and_back_are_changes_and_null_to_null_is_none(versions):
    rows = [("s", "a", at, name, 1) for at, name in enumerate([None, None, "x", None])]

    assert [(row[2], row[4]) for row in versions(*rows)] == [(0, None), (2, "x"), (3, None)]


def test_a_value_that_comes_back_is_a_version_of_its_own(versions):
    rows = [("s", "a", at, name, 1) for at, name in enumerate("xyx")]

    assert [row[4] for row in versions(*rows)] == ["x", "y", "x"]


def test_of_two_changes_at_one_time_one_wins_in_any_order(versions):
    one, other = ("s", "a", 1, "x", 1), ("s", "a", 1, "y", 1)

    assert versions(one, other) == versions(other, one) == [("s", "a", 1, None, "y", 1)]


def test_a_late_change_ends_the_version_before_it_and_starts_one(versions):
    rows = versions(("s", "a", 1, "x", 1), ("s", "a", 9, "z", 1), ("s", "a", 5, "y", 1))

    assert [row[2:5] for row in rows] == [(1, 5, "x"), (5, 9, "y"), (9, None, "z")]


def test_a_late_change_with_the_later_value_moves_the_start_back(versions):
    assert versions(("s", "a", 9, "x", 1), ("s", "a", 5, "x", 1)) == [("s", "a", 5, None, "x", 1)]


def test_columns_come_as_key_facts_and_validity(spark):
    rows = build_scd2(spark.createDataFrame([], SCHEMA), ["feed", "id"], Scd2("at"), TYPES)

    assert rows.columns == ["feed", "id", "name", "price", "valid_from", "valid_to", "is_current", "valid_to_month"]
    assert rows.collect() == []


WRITE = Scd2("at", operation="operation", sequence_by="sequence", changed_columns="sets")


@pytest.fixture
def history(spark):
    """The versions `(from, to, name, price)` of changes `(at, operation, sequence, sets, name, price)` of one key."""

    def build(*changes):
        types = {**TYPES, "operation": "string", "sequence": "bigint", "sets": "array<string>"}
        schema = ", ".join(f"{name} {kind}" for name, kind in types.items())
        rows = [
            ("s", "a", moment(at), name, price, operation, sequence, sets)
            for at, operation, sequence, sets, name, price in changes
        ]
        versions = build_scd2(spark.createDataFrame(rows, schema), ["feed", "id"], WRITE, types)
        result = versions.orderBy("valid_from").collect()
        return [(number(row.valid_from), number(row.valid_to), row.name, row.price) for row in result]

    return build


def test_a_change_of_some_columns_leaves_the_others_as_they_were(history):
    late = (2, None, None, ["price"], None, 7)

    assert history((1, None, None, None, "x", 1), (3, None, None, ["name"], "y", 99), late) == [
        (1, 2, "x", 1),
        (2, 3, "x", 7),
        (3, None, "y", 7),
    ]


def test_a_column_may_be_set_to_null_and_one_never_set_is_null(history):
    assert history((1, None, None, ["name"], "x", 1), (2, None, None, ["name"], None, 1)) == [
        (1, 2, "x", None),
        (2, None, None, None),
    ]


def test_of_two_values_of_a_column_at_one_time_the_greatest_as_text_wins(history):
    one, other = (1, None, None, ["price"], None, 12), (1, None, None, ["price"], None, 9)

    assert history(one, other) == history(other, one) == [(1, None, None, 9)]


def test_partial_changes_at_one_time_apply_per_column_and_over_full_changes(history):
    changes = [(1, None, None, ["name"], "x", 0), (1, None, None, ["price"], None, 5), (1, None, None, None, "z", 9)]

    assert history(*changes) == history(*reversed(changes)) == [(1, None, "x", 5)]


def test_a_deletion_ends_the_version_and_a_later_change_starts_empty(history):
    assert history(
        (1, "insert", 1, None, "x", 1), (2, "delete", 2, None, None, None), (4, None, None, ["price"], None, 3)
    ) == [(1, 2, "x", 1), (4, None, None, 3)]


def test_a_deletion_of_nothing_and_one_after_another_create_no_version(history):
    assert history(
        (1, "delete", 1, None, "x", 1),
        (2, "insert", 2, None, "x", 1),
        (3, "delete", 3, None, "y", 2),
        (4, "delete", 4, None, None, None),
    ) == [(2, 3, "x", 1)]


@pytest.mark.parametrize(("delete", "insert", "left"), [(1, 2, [(1, None, "x", 1)]), (2, 1, []), (None, None, [])])
def test_at_one_time_the_greatest_sequence_wins_and_without_one_a_deletion(history, delete, insert, left):
    assert history((1, "delete", delete, None, None, None), (1, "insert", insert, None, "x", 1)) == left


def test_a_key_that_continues_in_the_next_batch_is_built_as_one():
    rows = [("a", 1, "x", 1), ("a", 2, "x", 2), ("a", 3, "y", 3), ("b", 1, "y", 1), ("c", 1, None, 1), ("c", 2, "z", 2)]
    table = pa.table(dict(zip(["id", "at", "name", "_row_number"], zip(*rows, strict=True), strict=True)))
    build = Scd2Builder(("id",), ("name",), Scd2("at"), min_batch_rows=2)

    for size in range(1, 7):
        rows = pa.Table.from_batches(build(iter(table.to_batches(max_chunksize=size))))
        assert [tuple(row.values()) for row in rows.to_pylist()] == [
            ("a", "x", 1, 3),
            ("a", "y", 3, None),
            ("b", "y", 1, None),
            ("c", None, 1, 2),
            ("c", "z", 2, None),
        ]


def test_changes_out_of_order_are_an_error_and_not_a_wrong_history():
    table = pa.table({"id": ["a", "a"], "at": [1, 2], "name": ["x", "y"], "_row_number": [1, 3]})

    with pytest.raises(ValueError, match="in order"):
        list(Scd2Builder(("id",), ("name",), Scd2("at"))(iter(table.to_batches())))


def test_a_change_of_a_map_is_a_version_and_an_equal_map_is_none(spark):
    maps = [{"a": "1"}, {"a": "1"}, {"a": "2"}, None]
    rows = [("shop", "x", datetime(2026, 3, day, tzinfo=UTC), each) for day, each in enumerate(maps, 1)]
    types = {"feed": "string", "id": "string", "at": "timestamp", "m": "map<string,string>"}
    changes = spark.createDataFrame(rows, ", ".join(f"{name} {kind}" for name, kind in types.items()))

    versions = build_scd2(changes, ["feed", "id"], Scd2("at"), types).orderBy("valid_from").collect()

    assert [row.m for row in versions] == [{"a": "1"}, {"a": "2"}, None]
