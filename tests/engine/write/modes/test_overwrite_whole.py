"""A table that is overwritten whole has the rows of all chunks of its source, and all of them are counted."""

from sample_tables import rows_of, totals

from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.delta_engine import GivenRows
from shoplake.engine.write.table_plan import FullRefresh


class Halves(GivenRows):
    """A source of the rows of two feeds, a chunk each."""

    def rows(self, action):
        yield self.frame.where("feed = 'a'")
        yield self.frame.where("feed = 'b'")


def test_the_rows_of_all_chunks_of_a_source_are_written(engine, some):
    rows = some(totals, {"feed": "a", "pieces": 1}, {"feed": "b", "pieces": 2})

    written = engine.execute(totals, FullRefresh(), Halves(rows))

    assert (rows_of(engine, totals), written) == ([("a", 1), ("b", 2)], WriteResult(2, 2))


def test_a_table_that_is_not_compared_is_written_again_where_no_row_differs(engine, some):
    rows = some(totals, {"feed": "a", "pieces": 1})

    results = [engine.write(totals, rows) for _ in range(2)]

    assert results == [WriteResult(1, 1), WriteResult(1, 1, rows_replaced=1)]
