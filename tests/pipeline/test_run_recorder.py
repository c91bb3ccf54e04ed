from datetime import UTC, datetime

import pytest
from sample_documents import receipt, receipts
from sample_tables import CATALOG, mark, marks, records, totals

from shoplake.engine.state.ops_tables import CHECKSUMS, QUALITY, TABLE_RUNS
from shoplake.engine.state.state_store import Offset, StateStore
from shoplake.engine.storage.integrity import sha256
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.pipeline.error_log import read_mark
from shoplake.pipeline.repeated_write import reconcile_counts
from shoplake.pipeline.run_recorder import RunRecorder, recorded
from shoplake.pipeline.run_result import RunResult

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture
def lake(spark, tmp_path):
    engine, state_store = DeltaEngine(spark, str(tmp_path)), StateStore(str(tmp_path))
    for table in CATALOG.ordered:
        engine.create_if_missing(table)
    state_store.create_if_missing()
    return engine, state_store


@pytest.fixture
def recorder(lake):
    with RunRecorder(*lake, RunResult("r1"), NOW) as made:
        yield made


@pytest.fixture
def take(lake, recorder, spark):
    def ingested(*output, batch="b1"):
        with recorder.measure(marks) as step:
            step.result = lake[0].write(marks, marks(records(spark, *output, batch=batch)))
        recorder.commit({})

    return ingested


def test_a_step_is_kept_with_its_counts_and_the_table_as_it_then_stands(lake, take, recorder):
    take(mark("a"), mark("a"), mark("b", n=0))

    (row,) = lake[1].read(TABLE_RUNS)
    counts = {"rows_read": 3, "rows_written": 1, "rows_quarantined": 1, "rows_duplicate": 1}
    counts |= {"rows_conflicting": 0, "rows_superseded": 0, "rows_replaced": 0}
    reported = {"run_id": "r1", "table": "silver.marks", "rows_total": 1, "version": 1, "run_started_at": NOW}
    assert row == {"duration_s": row["duration_s"], "offsets": "{}", **counts, **reported}
    assert 0 < row["duration_s"] < 60
    assert [(step.table, step.row_count, step.version) for step in recorder.result.tables] == [("silver.marks", 1, 1)]


def test_a_run_is_marked_in_the_lake_while_it_is_at_work(lake, recorder, tmp_path):
    with RunRecorder(*lake, RunResult("a part of it"), NOW):
        pass
    mark = read_mark(str(tmp_path))

    recorder.__exit__(None, None, None)

    assert (mark.run_id, mark.started_at) == ("r1", NOW) and read_mark(str(tmp_path)) is None


def test_a_step_that_fails_is_not_kept(lake, recorder):
    with pytest.raises(ValueError, match="oops"), recorder.measure(totals):
        raise ValueError("oops")
    recorder.commit({})

    assert (lake[1].read(TABLE_RUNS), lake[1].read(QUALITY), recorder.result.tables) == ([], [], [])


def test_the_state_store_is_written_when_it_is_time_and_progress_last(lake, recorder, monkeypatch):
    wrote, progress = [], {("marks", "marks_raw"): Offset("b1")}
    for verb in ("append", "commit_offsets"):
        monkeypatch.setattr(StateStore, verb, lambda *_, verb=verb: wrote.append(verb))

    recorder.commit(progress, marks)
    assert wrote == []
    with RunRecorder(*lake, RunResult("r1"), NOW, commit_interval_s=0) as eager:
        eager.commit(progress, marks)

    assert wrote == ["append", "append", "commit_offsets"]


def test_what_was_written_once_is_not_written_again(lake, take, recorder):
    take(mark("a"))
    recorder.commit({})

    assert len(lake[1].read(TABLE_RUNS)) == 1


def test_the_quality_of_a_table_is_kept_with_its_step(lake, take):
    take(mark("a"), mark("b", n=0))

    rows = {(row["check_type"], row["check_name"]): row for row in lake[1].read(QUALITY)}
    assert {row["table"] for row in rows.values()} == {"silver.marks"}
    assert (rows["rule", "n_positive"]["rows_failed"], rows["table", "marks"]["rows_quarantined"]) == (1, 1)
    assert ("column", "who") in rows


def test_each_new_file_of_a_table_and_its_quarantine_has_a_checksum(lake, take, recorder):
    engine, state_store = lake
    take(mark("a"), mark("b", "2026-03-02T09:00:00Z"), mark("c", n=0))

    recorder.write_checksums()

    rows = state_store.read(CHECKSUMS)
    assert sorted(row["table"] for row in rows) == ["silver.marks", "silver.marks", "silver.marks_quarantine"]
    places = {table.qualified_name: engine.path(table) for table in (marks, marks.quarantine)}
    assert all(sha256(f"{places[row['table']]}/{row['file']}") == row["sha256"] for row in rows)


def test_files_without_a_checksum_get_theirs_with_the_next_step_and_only_once(lake, take, recorder, spark):
    lake[0].write(marks, marks(records(spark, mark("a"), batch="b0")))
    take(mark("b"), batch="b1")

    recorder.write_checksums()

    files = [row["file"] for row in lake[1].read(CHECKSUMS)]
    assert len(files) == len(set(files)) == 2


@pytest.mark.sample
@pytest.mark.parametrize("is_recorded", [True, False])
def test_repeated_documents_count_as_duplicates_or_as_written_and_replaced(lake, recorder, spark, is_recorded):
    engine, state_store = lake
    engine.create_if_missing(receipts)
    first, second = (receipts(records(spark, receipt("a", *lines), batch=f"b{len(lines)}")) for lines in ([1], [2, 3]))
    with recorder.measure(receipts) as step:
        step.result = engine.write(receipts, first)
    recorder.commit({})
    if is_recorded:
        with recorder.measure(receipts) as step:
            step.result = engine.write(receipts, second)
        recorder.commit({})
    else:
        engine.write(receipts, second)

    counted = reconcile_counts(engine, state_store, receipts, engine.write(receipts, second))

    assert (counted.rows_written, counted.rows_duplicate, counted.rows_replaced) == (
        (0, 2, 0) if is_recorded else (2, 0, 1)
    )


def test_what_is_recorded_by_itself_is_a_run_with_its_checksums_and_the_offsets_as_they_are(lake, spark):
    engine, state_store = lake
    with recorded(engine, state_store) as recorder, recorder.measure(marks) as step:
        step.result = engine.write(marks, marks(records(spark, mark("a"))))

    assert [(row["run_id"], row["table"]) for row in state_store.read(TABLE_RUNS)] == [
        (recorder.result.run_id, "silver.marks")
    ]
    assert (state_store.offsets(), len(state_store.read(CHECKSUMS))) == ({}, 1)
