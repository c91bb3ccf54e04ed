from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from sample_documents import receipt, receipts
from sample_tables import CATALOG, DAYS, daily, mark, marks, records, rows_of, totals
from sample_writes import engine_with

from shoplake.declare import ReplaceDocuments, Upsert
from shoplake.engine.protocol import WriteResult
from shoplake.engine.state.state_store import Offset
from shoplake.engine.write.input_changes import InputChanges
from shoplake.engine.write.modes.merge import plan_merge
from shoplake.engine.write.table_plan import (
    AllRows,
    Batches,
    DateRange,
    FeedPartitions,
    FullRefresh,
    InputRange,
    Partitions,
    Rows,
    RunSelection,
)

DAY = date(2026, 3, 1)
LATE, EARLY = "2026-03-02T09:00:00Z", "2026-03-01T09:00:00Z"


@pytest.fixture
def engine(spark, tmp_path):
    return engine_with(spark, tmp_path / "lake", marks, receipts, daily)


@pytest.mark.parametrize("write", [Upsert(order_by="pieces"), ReplaceDocuments(("feed",))], ids=["rows", "documents"])
def test_all_rows_of_a_table_without_incremental_inputs_are_merged(engine, write):
    table = replace(totals, write=write)
    inputs = InputChanges(engine, CATALOG, table, {}, None)

    assert engine.strategy(table).plan(table, inputs, RunSelection()).actions == (AllRows(),)


def test_a_full_refresh_of_documents_gives_the_rows_of_their_batches(engine, spark):
    sent = [receipt("a", 1, 2)], [receipt("a", 3)], [receipt("b", 4, at=LATE)], [receipt("b", 5, at=EARLY)]
    raw = [records(spark, *batch, batch=f"b{number}") for number, batch in enumerate(sent, 1)]
    for batch in raw:
        engine.write(receipts, receipts(batch))
    before = rows_of(engine, receipts)

    written = engine.write(receipts, receipts(raw[0].unionAll(raw[1]).unionAll(raw[2]).unionAll(raw[3])), FullRefresh())

    assert rows_of(engine, receipts) == before
    assert written == WriteResult(5, 2, rows_superseded=3, rows_replaced=2)


@pytest.mark.parametrize(("table", "sent"), [(marks, mark("a")), (receipts, receipt("a", 1))])
def test_a_full_refresh_counts_the_stored_rows_as_replaced(engine, spark, table, sent):
    engine.write(table, table(records(spark, sent)))

    assert engine.write(table, table(records(spark, sent)), FullRefresh()) == WriteResult(1, 1, rows_replaced=1)


@pytest.mark.parametrize(("table", "make"), [(marks, mark), (receipts, lambda name: receipt(name, 1))])
def test_a_full_refresh_leaves_the_rows_and_the_quarantine_of_now_alone(engine, spark, table, make):
    bad = {**make("bad"), **({"n": 0} if table is marks else {"lines": ["0"]})}
    engine.write(table, table(records(spark, make("old"), bad)))

    engine.write(table, table(records(spark, make("new"))), FullRefresh())

    assert rows_of(engine, table, "id") == [("new",)]
    assert rows_of(engine, table.quarantine) == []


def test_dates_are_overwritten_and_their_rows_are_replaced(engine, spark):
    sent = receipt("a", 1, 2, day="2026-03-01"), receipt("b", 3, day="2026-03-02")
    engine.write(receipts, receipts(records(spark, *sent)))

    written = engine.write(receipts, receipts(records(spark, *sent)), DateRange())

    assert written == WriteResult(3, 3, rows_replaced=3)
    assert engine.write(receipts, receipts(records(spark, *sent)), DateRange(end=date(2026, 2, 1))) == WriteResult(0, 0)


def test_requested_dates_get_the_rows_of_now_and_other_dates_stay(engine, spark):
    before, now = ([receipt("a", n, day=DAYS[0]), receipt("b", n, day=DAYS[1])] for n in (1, 2))
    engine.write(receipts, receipts(records(spark, *before)))

    engine.write(receipts, receipts(records(spark, *now)), DateRange(end=DAY))

    assert rows_of(engine, receipts, "id", "n") == [("a", 2), ("b", 1)]


def test_requested_dates_lose_rows_that_are_no_more_and_get_those_of_new_days(engine, spark):
    for day in DAYS[:2]:
        engine.write(receipts, receipts(records(spark, receipt("a", 1, day=day))), DateRange())

    assert rows_of(engine, receipts, "day") == [(date(2026, 3, 2),)]


@pytest.mark.parametrize(("table", "sent"), [(marks, mark("a", n=0)), (receipts, receipt("a", 0))])
def test_invalid_records_of_a_batch_are_in_quarantine(engine, spark, table, sent):
    engine.write(table, table(records(spark, sent)))

    assert (rows_of(engine, table), rows_of(engine, table.quarantine, "reasons")) == ([], [(["n_positive"],)])


def test_single_partitions_of_merged_records_are_not_written(engine, spark):
    with pytest.raises(ValueError, match="is written by ReplaceDocuments, which has no Partitions"):
        engine.write(receipts, receipts(records(spark)), Partitions(frozenset()))


def planned(*batches, is_changed=True, differs=None, **selection):
    """The plan of marks that have rows from files and those of the feed `web` from a table, of which some differ."""
    ranges = (InputRange("daily", Offset(version=1), Offset(version=2 if is_changed else 1)),)
    inputs = SimpleNamespace(
        batches=lambda: (RAW, batches),
        replaced_batches=set,
        table_fed_feeds=lambda: (["daily"], ["web"]),
        versions=lambda names: ranges,
        changed_partitions=lambda ranges, dates: differs,
    )
    plan = plan_merge(marks, inputs, RunSelection(**selection))
    assert plan.inputs == (*RAW, *ranges)
    return plan.actions, plan.reason


RAW = (InputRange("marks_raw", Offset(), Offset("b2")),)
NONE, ONE = Partitions(frozenset()), Partitions(frozenset({"2026-03-01"}))


@pytest.mark.parametrize(
    ("batches", "given", "actions", "reason"),
    [
        ((), {"is_changed": False}, [], "No input has changed."),
        ((), {"differs": ONE}, [FeedPartitions(("web",), ONE)], "daily changed."),
        ((), {"differs": NONE}, [], "daily changed."),
        ((), {"differs": Rows(1)}, [FeedPartitions(("web",), FullRefresh())], "daily changed."),
        (
            ("b1",),
            {"differs": ONE},
            [Batches(("b1",)), FeedPartitions(("web",), ONE)],
            "There is 1 new batch of marks_raw. daily changed.",
        ),
        (
            (),
            {"is_changed": False, "full_refresh": True},
            [FullRefresh(), FeedPartitions(("web",), FullRefresh())],
            "A full refresh is requested.",
        ),
        (
            (),
            {"is_changed": False, "start": DAY, "end": DAY},
            [DateRange(DAY, DAY)],
            "No input has changed. Dates are requested.",
        ),
    ],
)
def test_feeds_that_have_rows_from_a_table_are_planned_by_partition(batches, given, actions, reason):
    assert planned(*batches, **given) == (tuple(actions), reason)
