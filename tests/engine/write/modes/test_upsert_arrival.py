"""Of rows that have the time of their arrival the one that arrived later stays, whichever is written first."""

from datetime import datetime

import pytest
from sample_tables import FEED, rows_of
from sample_writes import engine_with

from shoplake.columns.raw_record import LINEAGE_COLUMNS
from shoplake.columns.record_place import ARRIVAL_COLUMNS
from shoplake.declare import Upsert, col, table
from shoplake.engine.write.table_location import PathTable

RUN = datetime(2026, 3, 2, 6)
COLUMNS = (
    FEED,
    col("id", "string", "Its id", required=True),
    col("at", "timestamp", "When it was published, or else when it arrived", unit="UTC", required=True),
    *ARRIVAL_COLUMNS,
    *LINEAGE_COLUMNS,
)
ROWS = ", ".join(f"{each.name} {each.type}" for each in COLUMNS)
PLACES = [("b1", "f-9", 7), ("b1", "f-9", 10), ("b1", "f-10", 2), ("b2", "f-1", 1)]
"""Places of rows, each later than the one before."""


@table("silver", key=["feed", "id"], write=Upsert(order_by="at"), columns=COLUMNS)
def prices(prices_raw):
    """One row per id: the last."""
    return prices_raw


@pytest.fixture(params=[True, False], ids=["appended", "merged"])
def lake(request, spark, tmp_path, monkeypatch):
    """A table with a function that writes rows `(batch, file, line)`, and what it kept, by its hash."""
    monkeypatch.setattr(PathTable, "is_single_writer", request.param)
    engine = engine_with(spark, tmp_path / "lake", prices)

    def write(*rows, at=RUN):
        cells = [("shop", "x", at, file, line, hash, batch, RUN) for hash, (batch, file, line) in rows]
        engine.write(prices, spark.createDataFrame(cells, ROWS))
        return rows_of(engine, prices, "payload_hash", "batch_id", "source_file", "version_line")

    return write


@pytest.mark.parametrize("later", range(1, len(PLACES)))
def test_the_later_one_stays_whatever_its_hash(lake, later):
    one, other = (1, PLACES[later]), (9, PLACES[later - 1])
    kept = [(1, *PLACES[later])]

    assert (lake(one), lake(other), lake(one)) == (kept,) * 3


def test_of_rows_of_one_write_the_last_that_arrived_stays(lake):
    rows = [(9 - number, place) for number, place in enumerate(PLACES)]

    assert lake(*rows[1:], rows[0]) == [(9 - 3, *PLACES[-1])]


def test_of_rows_with_a_time_of_their_own_the_greatest_hash_stays(lake):
    published = datetime(2026, 3, 1)
    one, other = (1, PLACES[1]), (9, PLACES[0])

    assert lake(other, at=published) == lake(one, at=published) == [(9, *PLACES[0])]
