import itertools
import shutil
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from shoplake.declare import VALIDITY, History, col, table
from shoplake.engine.delta import DeltaEngine
from shoplake.engine.versions import Versions

from .toys import FEED, rows_of

FACTS = (
    FEED,
    col("thing", "string", "Which thing", required=True),
    col("name", "string", "Its name"),
    col("price", "int", "What it costs", unit="currency"),
)
CHANGES = (
    *FACTS,
    col("changed_at", "timestamp", "Since when", unit="UTC", required=True),
    col("operation", "string", "What became of it"),
    col("sequence", "bigint", "Its number", unit="changes"),
    col("sets", "array<string>", "The columns it says"),
)
SCHEMA = ", ".join(f"{each.name} {each.type}" for each in CHANGES)
RECORD = F.expr(
    "named_struct('raw', '', 'file', 'f', 'line', 1L, 'batch_id', 'b', 'ingested_at', now(), 'problem', string(null))"
)
START = datetime(2026, 1, 30, tzinfo=UTC)
WRITE = History("changed_at", operation="operation", sequence="sequence", sets="sets")


@table(
    "silver",
    key=["feed", "thing", "valid_from"],
    write=WRITE,
    partition_by=["valid_to_month"],
    changes=CHANGES,
    columns=(*FACTS, *VALIDITY),
)
def things(things_raw):
    """One row a version of a thing."""
    return things_raw


def oracle(changes):
    """The versions `(thing, from, to, name, price)` that a loop over all changes of each thing makes."""
    by_thing, made = defaultdict(list), []
    for change in set(changes):
        by_thing[change[0]].append(change)
    for thing, told in by_thing.items():
        state, begun = None, None
        for at, same in itertools.groupby(sorted(told, key=turn), key=lambda change: change[1]):
            before = state
            for _, _, name, price, operation, _, sets in same:
                said = {"name": name, "price": price}
                kept = {} if state is None or sets is None else {n: v for n, v in state.items() if n not in sets}
                mine = said if sets is None else {n: v for n, v in said.items() if n in sets}
                state = None if operation == "delete" else {"name": None, "price": None} | kept | mine
            if state != before:
                made += [(thing, begun, at, *before.values())] if before else []
                begun = at
        made += [(thing, begun, None, *state.values())] if state else []
    return sorted(made, key=str)


def turn(change):
    """What decides the order of changes: their moment, number, kind, and their values as text."""
    _, at, name, price, operation, sequence, sets = change
    texts = [(value is not None, str(value)) for value in (name, price)]
    return at, -1 if sequence is None else sequence, operation == "delete", sets is not None, texts


class Lake:
    """A table of versions that takes in changes `(thing, day, name, price, operation, sequence, sets)`."""

    def __init__(self, spark, folder):
        self._spark, self.engine = spark, DeltaEngine(spark, str(folder))
        self.engine.ensure(things)

    def take(self, *changes, into="write"):
        rows = [
            ("shop", thing, name, price, START + timedelta(days=day), operation, sequence, sets and list(sets))
            for thing, day, name, price, operation, sequence, sets in changes
        ]
        told = self._spark.createDataFrame(rows, SCHEMA).withColumn("_record", RECORD)
        return getattr(self.engine, into)(things, told)

    def versions(self):
        found = rows_of(self.engine, things, "thing", "valid_from", "valid_to", "name", "price")
        days = [(thing, day(start), end and day(end), *facts) for thing, start, end, *facts in found]
        return sorted(days, key=str)


def day(at):
    return (at - START).days


@pytest.fixture
def lake(spark, tmp_path):
    return Lake(spark, tmp_path / "lake")


SETS = st.sampled_from([None, None, ("name",), ("price",), ("name", "price")])
CHANGE = st.tuples(
    *(st.sampled_from("ab"), st.integers(0, 5).map(lambda n: n * 14)),
    *(st.sampled_from(["x", "y", None]), st.sampled_from([1, 12, 9, None])),
    *(st.sampled_from([None, "insert", "update", "delete"]), st.sampled_from([None, 1, 2]), SETS),
)
BATCHES = st.lists(st.lists(CHANGE, min_size=1, max_size=4), min_size=1, max_size=4)
QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


def check_batches(spark, folder, batches):
    shutil.rmtree(folder, ignore_errors=True)
    lake = Lake(spark, folder)
    taken = []
    for batch in batches:
        lake.take(*batch)
        taken += batch

        assert lake.versions() == oracle(taken)


@settings(max_examples=6, **QUIET)
@given(BATCHES)
def test_batches_of_late_repeated_partial_changes_and_deletions_make_the_versions_of_a_loop(spark, tmp_path, batches):
    check_batches(spark, tmp_path / "lake", batches)


@pytest.mark.slow
@settings(max_examples=300, **QUIET)
@given(BATCHES)
def test_a_great_many_batches_make_the_versions_of_a_loop(spark, tmp_path, batches):
    check_batches(spark, tmp_path / "lake", batches)


def said(thing="a", day=0, name="x", price=1, operation=None, sequence=None, sets=None):
    return thing, day, name, price, operation, sequence, sets


def files(lake, month):
    at = f"valid_to_month={month}/"
    return {uri.rpartition(at)[2] for uri in DeltaTable(lake.engine.at(things)).file_uris() if at in uri}


def test_a_late_change_is_placed_by_one_that_had_changed_nothing(lake):
    for change in (said(day=0), said(day=20), said(day=10, name="y")):
        lake.take(change)

    assert lake.versions() == [("a", 0, 10, "x", 1), ("a", 10, 20, "y", 1), ("a", 20, None, "x", 1)]


def test_a_late_change_of_a_column_changes_later_versions_up_to_its_next_change(lake):
    for change in (said(), said(day=10, sets=("name",), name="y"), said(day=20, sets=("price",), price=3)):
        lake.take(change)

    lake.take(said(day=5, sets=("price",), price=2))

    assert lake.versions() == [
        ("a", 0, 5, "x", 1),
        ("a", 10, 20, "y", 2),
        ("a", 20, None, "y", 3),
        ("a", 5, 10, "x", 2),
    ]


def test_the_files_of_months_that_no_change_touches_stay(lake):
    lake.take(*[said(thing, day) for thing in "ab" for day in (0,)], *[said(day=day, price=day) for day in (40, 80)])
    before = files(lake, "2026-03-01")

    lake.take(said("b", 85, price=5), said("a", 100, price=6))

    assert before and files(lake, "2026-03-01") == before


def test_a_change_that_changes_nothing_commits_no_version(lake):
    lake.take(said())
    before = lake.engine.version(things)

    written = lake.take(said(day=5))

    assert (written.good, lake.engine.version(things)) == (1, before)


def test_changes_that_are_known_commit_nothing_at_all(lake):
    lake.take(said(), said(day=5, name=None))
    before = [lake.engine.version(each) for each in (things, things.changelog)]

    lake.take(said(), said(), said(day=5, name=None))

    assert [lake.engine.version(each) for each in (things, things.changelog)] == before


def test_a_write_that_ended_before_the_changelog_is_made_good_by_the_next(lake, monkeypatch):
    lake.take(said(), said("b"))
    with monkeypatch.context() as patched:
        patched.setattr(Versions, "_add", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            lake.take(said(day=9, name="y"), said("b", -5, "z"))

    lake.take(said(day=9, name="y"), said("b", -5, "z"))

    assert lake.versions() == [
        ("a", 0, 9, "x", 1),
        ("a", 9, None, "y", 1),
        ("b", -5, 0, "z", 1),
        ("b", 0, None, "x", 1),
    ]
    assert lake.engine.rows(things.changelog) == 4


def test_a_history_built_again_from_all_changes_is_the_same(lake):
    changes = [said(), said(day=9, name="y"), said("b", 3, operation="delete"), said("b", 1)]
    lake.take(*changes)
    before = lake.versions()

    written = lake.take(*changes, *changes, into="rebuild")

    assert lake.versions() == before
    assert (written.good, written.duplicates, lake.engine.rows(things.changelog)) == (4, 4, 4)


@pytest.mark.parametrize(
    ("change", "first"),
    [(said(day=9, name="y"), 9), (said(day=-9, name="y"), -9), (said("b", 3), 3), (said(day=20), None)],
)
def test_the_first_moment_is_told_at_which_a_history_says_something_else(lake, change, first):
    lake.take(said(), said("c", 2))
    since = lake.engine.version(things)

    lake.take(change)

    moment = lake.engine.changed_from(things, since)
    assert (moment and day(moment.replace(tzinfo=UTC))) == first
