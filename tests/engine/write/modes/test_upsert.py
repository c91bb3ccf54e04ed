import shutil
from itertools import permutations

import pytest
from deltalake import DeltaTable
from pyspark.sql import functions as F
from sample_tables import latest, mark, marks, records, rows_of
from sample_writes import SeenRows

from shoplake.declare import Upsert
from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.modes import STRATEGIES
from shoplake.engine.write.modes.upsert import UpsertStrategy
from shoplake.engine.write.table_location import PathTable

NINE, TEN, ELEVEN = (f"2026-03-01T{hour:02}:00:00Z" for hour in (9, 10, 11))


WAYS = ("few", "few of several writers", "many")
QUICK = [*(pytest.param(each, marks=pytest.mark.slow) for each in ("few", "few of several writers")), "many"]


@pytest.fixture(params=QUICK)
def way(request):
    """Every behaviour holds however the rows are committed: appended, merged, or some of each."""
    return request.param


@pytest.fixture
def engine(way, spark, empty_tables, tmp_path, monkeypatch):
    """A lake of the sample tables whose upserts take one of the ways."""
    if way == "few of several writers":
        monkeypatch.setattr(PathTable, "is_single_writer", False)
    upsert = UpsertStrategy(hash_match_from_rows=0, keys_in_memory=0) if way == "many" else UpsertStrategy()
    lake = shutil.copytree(empty_tables, tmp_path / "lake")
    return DeltaEngine(spark, str(lake), strategies={**STRATEGIES, Upsert: upsert})


def kept(engine, table=marks):
    return [(id, n) for id, n in rows_of(engine, table, "id", "n")]


@pytest.mark.parametrize("way", [WAYS[0], WAYS[2]], indirect=True)
def test_of_one_id_in_a_batch_the_first_is_kept_and_the_others_are_counted(engine, take):
    written = take(mark("a", TEN, n=2), mark("a", NINE, n=1), mark("a", NINE, n=1), mark("b"))

    assert kept(engine) == [("a", 1), ("b", 1)]
    assert written == WriteResult(4, 2, 0, 2, 1)


ORDERS = [
    pytest.param(order, id=f"order{at}", marks=[] if at in (0, 5) else pytest.mark.slow)
    for at, order in enumerate(permutations([(NINE, 1), (TEN, 2), (ELEVEN, 3)]))
]


@pytest.mark.parametrize("order", ORDERS)
def test_the_order_in_which_batches_arrive_does_not_matter(engine, take, order):
    for number, (at, n) in enumerate(order):
        take(mark("a", at, n=n), batch=f"b{number}")

    assert kept(engine) == [("a", 1)]


def test_a_batch_that_is_repeated_changes_nothing_and_counts_as_good(engine, take):
    first = take(mark("a"), mark("b"))
    before = engine.version(marks)

    again = take(mark("a"), mark("b"))

    assert first == again == WriteResult(2, 2)
    assert engine.version(marks) == before


def test_a_repeat_in_another_batch_is_a_duplicate_and_no_conflict(engine, take):
    take(mark("a"))

    written = take(mark("a"), mark("b"), batch="b000000002")

    assert written == WriteResult(2, 1, 0, 1)
    assert rows_of(engine, marks, "id", "batch_id") == [("a", "b000000001"), ("b", "b000000002")]


def test_a_repeat_that_differs_is_a_conflict(engine, take):
    take(mark("a", NINE, n=1))

    written = take(mark("a", TEN, n=7), batch="b000000002")

    assert written == WriteResult(1, 0, 0, 1, 1)
    assert kept(engine) == [("a", 1)]


def test_a_batch_that_comes_again_with_another_row_of_an_id_counts_that_as_a_conflict(engine, take):
    take(mark("a", NINE, n=1))

    assert take(mark("a", TEN, n=7)) == WriteResult(1, 0, 0, 1, 1)


def test_an_earlier_row_that_arrives_later_takes_the_place_with_every_column(engine, take):
    take(mark("a", TEN, who="ada", n=2))

    take(mark("a", "2026-02-27T09:00:00Z", who="bob", n=5), batch="b000000002")

    found = rows_of(engine, marks, "id", "day", "who", "n", "batch_id")
    assert [(id, str(day), *rest) for id, day, *rest in found] == [("a", "2026-02-27", "bob", 5, "b000000002")]
    assert len(rows_of(engine, marks, "payload_hash")) == 1


def test_an_id_that_comes_again_after_more_than_within_days_is_a_row_of_its_own(engine, take):
    take(mark("a", "2026-03-01T09:00:00Z"))
    take(mark("a", "2026-03-08T09:00:00Z"), batch="b000000002")

    take(mark("a", "2026-03-09T09:00:00Z"), batch="b000000003")

    assert [str(day) for (day,) in rows_of(engine, marks, "day")] == ["2026-03-01", "2026-03-09"]


@pytest.mark.sample
def test_a_row_that_meets_two_old_ones_does_not_hide_a_new_one(engine, take):
    for number, day in enumerate(("01", "15")):
        take(mark("a", f"2026-03-{day}T09:00:00Z"), batch=f"b{number}")

    written = take(mark("a", "2026-03-08T09:00:00Z"), mark("b", "2026-03-08T09:00:00Z"), batch="b2")

    assert [id for id, _ in kept(engine)] == ["a", "a", "b"]
    assert (written.rows_written, written.rows_duplicate) == (1, 1)


@pytest.mark.parametrize("order", [(NINE, TEN), pytest.param((TEN, NINE), marks=pytest.mark.slow)])
def test_the_newest_is_kept_where_that_is_declared(engine, take, order):
    for number, at in enumerate(order):
        take(mark("a", at, n=number + 1), into=latest, batch=f"b{number}")

    assert kept(engine, latest) == [("a", order.index(TEN) + 1)]


def test_of_one_id_in_a_batch_the_newest_is_kept_where_that_is_declared(engine, take):
    written = take(mark("a", NINE, n=1), mark("a", TEN, n=2), mark("b"), into=latest)

    assert (kept(engine, latest), written) == ([("a", 2), ("b", 1)], WriteResult(3, 2, 0, 1, 1))


@pytest.mark.parametrize(("days", "stay"), [(("01", "08", "16"), ("01", "16")), (("01", "16"), ("01", "16"))])
def test_an_id_that_comes_again_within_days_of_the_one_before_it_is_a_repeat(engine, take, days, stay):
    take(*[mark("a", f"2026-03-{day}T09:00:00Z") for day in days])

    assert [f"{day:%d}" for (day,) in rows_of(engine, marks, "day")] == [*stay]


@pytest.mark.parametrize(("table", "winner"), [(marks, min), (latest, max)])
@pytest.mark.parametrize("order", [(1, 2), pytest.param((2, 1), marks=pytest.mark.slow)])
def test_at_equal_times_the_payload_decides_and_not_what_came_first(engine, take, spark, table, winner, order):
    hashes = {row.payload_hash: row.n for row in marks(records(spark, mark("a", n=1), mark("a", n=2))).collect()}

    for number, n in enumerate(order):
        take(mark("a", n=n), into=table, batch=f"b{number}")

    assert kept(engine, table) == [("a", hashes[winner(hashes)])]


def test_rows_of_an_id_that_have_no_day_are_repeats(engine, spark):
    rows = marks(records(spark, mark("a", NINE), mark("a", TEN))).withColumn("day", F.lit(None).cast("date"))

    assert engine.write(marks, rows).rows_written == 1


def test_a_row_without_a_key_never_gets_in(engine, take):
    written = take({"at": NINE, "n": 1}, mark("a"))

    assert kept(engine) == [("a", 1)]
    assert (written.rows_written, written.rows_quarantined, written.violations) == (1, 1, {"id_present": 1})


def test_new_and_known_ids_are_separated_in_one_commit(engine, take):
    take(mark("a"))
    before = engine.version(marks)

    take(mark("a", NINE), mark("b", TEN), mark("c", ELEVEN), batch="b000000002")

    assert [id for id, _ in kept(engine)] == ["a", "b", "c"]
    assert engine.version(marks) == before + 1


def test_a_batch_of_bad_rows_only_commits_nothing(engine, take):
    before = engine.version(marks)

    written = take(mark("a", n=0))

    assert (written.rows_written, written.rows_quarantined) == (0, 1)
    assert (engine.version(marks), DeltaTable(engine.path(marks)).file_uris()) == (before, [])


def test_ids_of_different_feeds_do_not_meet(engine, spark):
    other = marks(records(spark, mark("a")))

    engine.write(marks, marks(records(spark, mark("a"))))
    engine.write(marks, other.withColumn("feed", F.lit("other")))

    assert rows_of(engine, marks, "feed", "id") == [("other", "a"), ("shop", "a")]


@pytest.mark.parametrize("way", WAYS, indirect=True)
def test_rows_of_new_keys_are_appended_but_few_where_another_could_write_are_merged(engine, take, way):
    take(mark("a"))

    take(mark("b"), batch="b000000002")

    assert DeltaTable(engine.path(marks)).history(1)[0]["operation"] == (
        "MERGE" if way == "few of several writers" else "WRITE"
    )


def test_a_check_sees_the_new_and_the_winning_rows_beside_those_that_stay(engine, spark):
    seen = SeenRows("id", "n")
    first, both = [mark("a", TEN, n=1), mark("b")], [mark("a", NINE, n=2), mark("b", n=9, at=TEN), mark("c", TEN)]
    new, better, none = [mark("d")], [mark("c", NINE, n=5)], [mark("b")]

    for number, output in enumerate((first, both, new, better, none)):
        seen.write(engine, marks, marks(records(spark, *output, batch=f"b{number}")))

    a, b, c, d = kept(engine)
    assert seen.commits == [
        ([("a", 1), b], None),
        ([a, ("c", 1)], [b]),
        ([d], [a, b, ("c", 1)]),
        ([c], [a, b, d]),
    ]
    assert (a, b, c, d) == (("a", 2), ("b", 1), ("c", 5), ("d", 1))


def test_an_upsert_leaves_no_temporary_view(engine, take, spark):
    take(mark("a", TEN))
    before = spark.catalog.listTables()

    take(mark("a", NINE), batch="b000000002")

    assert spark.catalog.listTables() == before
