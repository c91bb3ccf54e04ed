from dataclasses import replace

import pytest
from sample_documents import receipts
from sample_tables import marks

from shoplake.engine import WriteResult
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
