from dataclasses import replace
from datetime import date

import pytest
from sample_documents import receipt, receipts, receipts_raw
from sample_lake import SampleLake
from sample_tables import DAYS, marks

from shoplake.declare import expect
from shoplake.declare.catalog import Catalog
from shoplake.engine import WriteResult
from shoplake.engine.state.ops_tables import TABLE_RUNS
from shoplake.operations.integrity.verify import find_problems
from shoplake.pipeline.repeated_write import reconcile_counts, reconcile_rebuild

REPEATED = WriteResult(rows_read=10, rows_written=10, rows_quarantined=2)


class FakeEngine:
    """Tables of so many rows."""

    def __init__(self, rows):
        self.rows = rows

    def row_count(self, table):
        return self.rows

    def version(self, table):
        return 7


class FakeState:
    """Records of the rows that a table had after each of its runs."""

    def __init__(self, *records):
        self.records = [{"version": number, "rows_total": rows} for number, rows in enumerate(records)]

    def read(self, table, columns, where):
        return self.records


@pytest.mark.parametrize(("recorded", "rows", "written"), [((), 5, 5), ((100,), 105, 5), ((90, 100), 108, 8)])
def test_rows_are_written_that_the_table_grew_by_since_its_last_record(recorded, rows, written):
    counted = reconcile_counts(FakeEngine(rows), FakeState(*recorded), marks, REPEATED)

    assert counted == replace(REPEATED, rows_written=written, rows_duplicate=8 - written)


@pytest.mark.parametrize("rows", [99, 109])
def test_counts_stay_where_the_table_shrank_or_grew_by_more_than_was_read(rows):
    assert reconcile_counts(FakeEngine(rows), FakeState(100), marks, REPEATED) == REPEATED


@pytest.mark.parametrize(("recorded", "replaced"), [((9,), 9), ((8,), 8), ((9, 8), 8), ((), 0)])
def test_a_rebuild_replaces_the_rows_that_were_recorded_and_no_others(recorded, replaced):
    rebuilt = WriteResult(rows_read=9, rows_written=9, rows_replaced=9)

    assert reconcile_rebuild(FakeEngine(9), FakeState(*recorded), receipts, rebuilt).rows_replaced == replaced


@pytest.mark.parametrize("is_interrupted", [False, True])
def test_two_writes_of_a_table_in_one_run_are_counted_one_after_the_other(spark, tmp_path, is_interrupted):
    sample = SampleLake(spark, tmp_path, catalog=Catalog([receipts_raw, receipts]))
    sample.drop("receipts/1", receipt("a", 1, 2))
    if is_interrupted:
        run_unrecorded(sample)

    sample.run(start=date.fromisoformat(DAYS[0]))

    assert counts(sample) == [(2, 0), (2, 2)]


@pytest.mark.parametrize("has_new", [False, True])
def test_rows_that_an_interrupted_run_removed_are_counted_later(spark, tmp_path, has_new):
    sample = SampleLake(spark, tmp_path, catalog=Catalog([receipts_raw, receipts]))
    sample.drop("receipts/1", receipt("a", 1, 2))
    sample.run()
    sample.catalog = Catalog([receipts_raw, replace(receipts, rules=(expect("few", "n < 2"),))])
    run_unrecorded(sample, full_refresh=True)
    if has_new:
        sample.drop("receipts/2", receipt("b", 1))
        sample.run(layer="bronze")

    sample.run()

    assert counts(sample) == [(2, 0), (1, 1) if has_new else (0, 1)]
    assert not list(find_problems(sample.engine, sample.catalog, sample.state, []))


def run_unrecorded(sample, **selection):
    """Run until the counts of the run would be recorded."""
    record, sample.state.append = sample.state.append, fail_at_table_runs(sample.state.append)
    with pytest.raises(InterruptedError):
        sample.run(**selection)
    sample.state.append = record


def counts(sample):
    """Return the rows written and replaced by each recorded write of the receipts."""
    runs = [row for row in sample.state.read(TABLE_RUNS, None, None) if row["table"] == "silver.receipts"]
    runs.sort(key=lambda row: (row["run_started_at"], row["version"]))
    return [(row["rows_written"], row["rows_replaced"]) for row in runs]


def fail_at_table_runs(append):
    """Return a function that appends to state tables, but for the counts of a run."""

    def interrupted(table, *rest, **options):
        if table is TABLE_RUNS:
            raise InterruptedError
        return append(table, *rest, **options)

    return interrupted
