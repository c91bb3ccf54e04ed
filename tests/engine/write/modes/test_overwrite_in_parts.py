from dataclasses import dataclass

from sample_tables import daily, rows_of

from shoplake.engine import Partitions
from shoplake.engine.write.delta_engine import GivenRows

ROW = {"feed": "shop", "day": "2026-03-01", "pieces": 1, "things": 1}


@dataclass(frozen=True)
class DividedRows(GivenRows):
    """A source of the same rows for each part of some partitions: their input rows matter to all of these."""

    def divided(self, action):
        return [Partitions(frozenset({day})) for day in sorted(action.values)]


def test_of_partitions_in_parts_each_row_is_written_once_in_one_commit(engine, some):
    days = ["2026-03-01", "2026-03-02", "2026-03-03"]
    engine.write(daily, some(daily, *[ROW | {"day": day, "pieces": 9} for day in days]))
    before, rows = engine.version(daily), [ROW | {"day": day, "pieces": number} for number, day in enumerate(days)]

    result = engine.execute(daily, Partitions(frozenset(days[:2])), DividedRows(some(daily, *rows)))

    assert rows_of(engine, daily, "pieces") == [(0,), (1,), (9,)]
    assert (engine.version(daily), result.rows_replaced) == (before + 1, 3)
