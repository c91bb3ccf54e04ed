"""Changes that are dated by their arrival are versions in the order in which they arrived, however they are written."""

import itertools
import random

import pytest
from pyspark.sql import functions as F
from sample_histories import SCHEMA, START, Lake, things
from sample_tables import rows_of

PLACE = "batch string, file string, line bigint"


class ArrivingLake(Lake):
    """A table of versions whose changes `(thing, name, batch, file, line)` take the time at which they arrived."""

    def arrive(self, *changes, at=START):
        rows = [("shop", thing, name, 1, at, None, None, None, *place) for thing, name, *place in changes]
        frame = self._spark.createDataFrame(rows, f"{SCHEMA}, {PLACE}")
        record = F.struct(
            *(F.lit("").alias("raw"), "file", "line", F.col("batch").alias("batch_id")),
            *(F.col("changed_at").alias("ingested_at"), F.lit(None).cast("string").alias("problem")),
        )
        columns = [F.col(name) for name in frame.columns if name not in ("batch", "file", "line")]
        return self.engine.write(things, frame.select(*columns, record.alias("_source")))

    def names(self):
        return rows_of(self.engine, things, "thing", "name")

    def logged(self):
        return rows_of(self.engine, things.changelog, "name", "batch_id", "source_file", "version_line")


@pytest.fixture
def lake(spark, tmp_path):
    return ArrivingLake(spark, tmp_path / "lake")


def test_of_changes_that_arrived_at_one_time_the_last_by_batch_file_and_line_is_the_version(lake):
    changes = [
        *(("batch", "z", "b1", "f-9", 7), ("batch", "a", "b2", "f-1", 1)),
        *(("file", "z", "b1", "f-9", 7), ("file", "a", "b1", "f-10", 1)),
        *(("line", "z", "b1", "f-9", 9), ("line", "a", "b1", "f-9", 10)),
    ]

    for each in reversed(changes):
        lake.arrive(each)

    assert lake.names() == [("batch", "a"), ("file", "a"), ("line", "a")]


def test_a_late_change_of_before_keeps_the_order_of_those_after_it(lake):
    lake.arrive(("x", "a", "b1", "f-10", 1), ("x", "z", "b1", "f-9", 1))

    lake.take(("x", -1, "old", 1, None, None, None))

    assert lake.names() == [("x", "a"), ("x", "old")]


def test_a_batch_that_is_written_again_changes_nothing(lake):
    batch = [("x", "a", "b1", "f-10", 1), ("x", "z", "b1", "f-9", 1), ("x", "a", "b1", "f-1", 4)]
    first = lake.arrive(*batch)
    logged = lake.logged()

    assert (lake.arrive(*batch), lake.logged()) == (first, logged)
    assert logged == [("a", "b1", "f-10", 1), ("z", "b1", "f-9", 1)]


def test_a_change_that_comes_back_in_a_later_batch_of_the_run_counts_again(lake):
    for name, batch in (("a", "b1"), ("z", "b2"), ("a", "b3")):
        lake.arrive(("x", name, batch, "f", 1))

    assert lake.names() == [("x", "a")]


def test_a_change_with_a_time_of_its_own_is_logged_without_a_file(lake):
    lake.take(("x", 0, "a", 1, None, None, None))

    assert lake.logged() == [("a", "b", None, None)]


@pytest.mark.sample
@pytest.mark.parametrize("seed", range(3))
def test_batches_in_any_order_make_the_version_that_arrived_last(lake, seed):
    draw = random.Random(seed)
    places = list(itertools.product(("b1", "b2", "b3"), ("f-9", "f-10", "f (2)"), (9, 10)))
    changes = [(draw.choice("xyz"), draw.choice("abc"), *place) for place in places]
    parts = [[each for each in changes if each[2] == batch] for batch in ("b2", "b1", "b3", "b2")]

    for part in parts:
        lake.arrive(*draw.sample(part, len(part)))

    order = {"f (2)": 0, "f-9": 1, "f-10": 2}
    last = {thing: name for thing, name, *_ in sorted(changes, key=lambda each: (each[2], order[each[3]], each[4]))}
    assert lake.names() == sorted(last.items())
