from dataclasses import replace

import pytest
from reliability.lakes import drop, event, lake_at

from shoplake.declare import Replace
from shoplake.engine import Partitions
from shoplake.pipeline.memory.partition_parts import BYTES_PER_ROW_BY_PARTITION, partition_parts

DAYS = [f"2026-03-{day:02}" for day in range(1, 9)]


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """Eight days of ten views each, and products that are read whole by none of them."""
    folder = tmp_path_factory.mktemp("partition-parts")
    seen = [
        event(100 * n + minute, event_ts=f"{day}T10:{minute:02}:00Z", event_name="product_view")
        for n, day in enumerate(DAYS)
        for minute in range(10)
    ]
    drop(folder / "landing", "events/a.json", *seen)
    lake = lake_at(folder / "lake", folder / "landing", tables=["funnel_daily"])
    lake.run()
    return lake


def parts(lake, days, memory, least=1, table=None):
    action = Partitions(frozenset(days))
    table = table or lake.catalog["funnel_daily"]
    return [sorted(each.values) for each in partition_parts(lake.engine, lake.catalog, table, action, memory, least)]


@pytest.mark.parametrize(
    ("days", "rows", "sizes"),
    [(DAYS, 80, [8]), (DAYS, 40, [4, 4]), (DAYS, 25, [2, 2, 2, 2]), (DAYS[:4], 40, [4]), (DAYS, 1, [1] * 8)],
)
def test_there_are_as_many_parts_as_the_rows_of_the_days_need(lake, days, rows, sizes):
    found = parts(lake, days, rows * BYTES_PER_ROW_BY_PARTITION)

    assert [len(part) for part in found] == sizes
    assert sorted(day for part in found for day in part) == days


def test_without_a_limit_there_is_one_part_unless_more_are_asked_for(lake):
    assert parts(lake, DAYS, None) == [DAYS]
    assert parts(lake, DAYS, None, 2) == [DAYS[:4], DAYS[4:]]
    assert parts(lake, DAYS[:1], 1, 2) == [DAYS[:1]]


def test_a_table_may_need_less_memory_for_a_row(lake):
    table = lake.catalog["funnel_daily"]
    assert isinstance(table.write, Replace)
    less = replace(table, write=replace(table.write, bytes_per_row=BYTES_PER_ROW_BY_PARTITION // 4))

    assert len(parts(lake, DAYS, 20 * BYTES_PER_ROW_BY_PARTITION, table=less)) == 1
    assert len(parts(lake, DAYS, 20 * BYTES_PER_ROW_BY_PARTITION)) == 4
