from dataclasses import replace

import pytest
from sample_tables import copies, latest, mark, marks, price, prices, records, rows_of
from sample_writes import engine_with

from shoplake.declare import expect
from shoplake.engine.write.rule_changes import overwrite_differing, replay_batches
from shoplake.errors import SchemaMismatchError

ALSO_ZERO = (expect("n_positive", "n >= 0"),)
BATCH = "b000000001"
RAW = (mark("a"), mark("z", n=0), mark("y", n=-1))


@pytest.fixture
def engine(spark, tmp_path):
    return engine_with(spark, tmp_path, marks, latest, prices, copies)


def with_rules(declared, rules):
    return replace(declared, rules=rules, _name=declared.name, _doc=declared.doc)


@pytest.mark.parametrize("declared", [marks, latest], ids=lambda each: each.name)
def test_a_replayed_record_moves_from_the_quarantine_into_the_table(engine, spark, declared):
    raw = records(spark, *RAW)
    engine.write(declared, declared(raw))
    looser = with_rules(declared, ALSO_ZERO)

    written = replay_batches(engine, looser, looser(raw), [BATCH])

    assert (written.rows_read, written.rows_quarantined) == (3, 1)
    assert rows_of(engine, declared, "id") == [("a",), ("z",)]
    assert rows_of(engine, declared.quarantine, "line") == [(3,)]


def test_a_batch_without_invalid_records_leaves_the_quarantine(engine, spark):
    raw = records(spark, mark("a"), mark("z", n=0))
    engine.write(marks, marks(raw))
    looser = with_rules(marks, ALSO_ZERO)

    replay_batches(engine, looser, looser(raw), [BATCH])

    assert rows_of(engine, marks.quarantine, "line") == []


def test_records_of_other_batches_stay_in_the_quarantine(engine, spark):
    other = records(spark, mark("x", n=-7), batch="b000000002")
    raw = records(spark, *RAW)
    for batch in (raw, other):
        engine.write(marks, marks(batch))
    looser = with_rules(marks, ALSO_ZERO)

    replay_batches(engine, looser, looser(raw), [BATCH])

    assert rows_of(engine, marks.quarantine, "batch_id", "line") == [("b000000001", 3), ("b000000002", 1)]


@pytest.mark.sample
def test_a_change_is_replayed_into_the_versions_of_a_history(engine, spark):
    cheap = with_rules(prices, (expect("is_cheap", "price < 5"),))
    raw = records(spark, price("x", "1.00", "2026-03-01"), price("x", "9.00", "2026-03-02"))
    engine.write(cheap, cheap(raw))
    looser = with_rules(prices, ())

    replay_batches(engine, looser, looser(raw), [BATCH])

    assert [str(amount) for (amount,) in rows_of(engine, prices, "price")] == ["1.00", "9.00"]


def test_only_partitions_that_differ_are_overwritten(engine, spark):
    raw = records(spark, mark("a"), mark("b", "2026-03-02T09:00:00Z", n=9))
    engine.write(marks, marks(raw))
    files = {file for file in engine_files(engine) if "2026-03-01" in file}
    tighter = with_rules(marks, (expect("n_small", "n < 5"),))

    result = overwrite_differing(engine, tighter, tighter(raw))

    assert (result.rows_written, result.rows_quarantined) == (1, 1)
    assert rows_of(engine, marks, "id") == [("a",)]
    assert rows_of(engine, marks.quarantine, "line") == [(2,)]
    assert set(engine_files(engine)) == files


@pytest.mark.parametrize("write", [overwrite_differing, lambda *given: replay_batches(*given, [BATCH])])
def test_rows_of_other_columns_are_refused(engine, spark, write):
    with pytest.raises(SchemaMismatchError, match="who is missing"):
        write(engine, marks, marks(records(spark, mark("a"))).drop("who"))


def test_a_table_whose_rows_are_the_same_gets_no_commit(engine, spark):
    raw = records(spark, *RAW)
    engine.write(latest, latest(raw))
    version = engine.version(latest)

    overwrite_differing(engine, latest, latest(raw))

    assert engine.version(latest) == version


def engine_files(engine):
    from shoplake.engine.storage.delta_log import file_paths

    return file_paths(engine.path(marks))
