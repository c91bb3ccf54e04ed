from dataclasses import replace

import pytest
from pyspark.sql import functions as F
from reliability.lakes import content, difference, drop, event, lake_at, listed, there

from shoplake.declare import Replace, RowSplit
from shoplake.engine.session.capabilities import SPARK
from shoplake.engine.write.table_plan import FullRefresh
from shoplake.lake import Lake
from shoplake.pipeline.memory import chunking
from shoplake.pipeline.scheduler import MAX_PARALLEL_TABLES

TABLES = ("events_raw", "orders_raw", "product_performance_daily", "sessions", "cart_activity", "customer_segments")
SLICED = ("gold.product_performance_daily", "silver.sessions", "silver.cart_activity")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The landing folder of four days of events and two of orders, beside the lake of one run."""
    folder = tmp_path_factory.mktemp("chunking")
    days = [f"2026-03-{day:02}" for day in (1, 2, 3, 4)]
    events = [
        event(10 * n + visitor, event_ts=f"{day}T10:{visitor:02}:00Z", user_id=f"V{visitor}", event_name=name)
        for n, day in enumerate(days)
        for visitor, name in enumerate(("product_view", "add_to_cart", "purchase"))
    ]
    drop(folder / "landing", "events/a.json", *events)
    lines = [{"line_number": 1, "product_id": "P1", "quantity": 1, "unit_price": 2.5}]
    orders = [{"order_id": f"O{day}", "ordered_at": f"{day}T10:00:00Z", "lines": lines} for day in days[:2]]
    drop(folder / "landing", "orders/a.json", *orders)
    lake_at(folder / "lake", folder / "landing", tables=TABLES).run()
    return folder


@pytest.fixture(scope="module")
def lake(folder):
    """The lake, built whole; tests only read it."""
    return lake_at(folder / "lake", folder / "landing", tables=TABLES)


def given(lake: Lake, name: str, memory: int | None):
    return chunking.memory_chunks(lake.engine, lake.catalog, lake.catalog[name.partition(".")[2]], memory)


def test_what_fits_into_the_memory_or_has_no_bounds_is_built_in_one_part(lake):
    for name in SLICED:
        assert given(lake, name, None) == given(lake, name, 1 << 30) == [FullRefresh()]


def test_a_table_that_cannot_be_parted_is_built_in_one_part(lake):
    assert given(lake, "gold.customer_segments", 1) == [FullRefresh()]


def test_a_table_that_names_a_column_is_built_in_parts_by_it(lake, monkeypatch):
    rows = lake.engine.row_count(lake.catalog["order_lines"])
    each = (1 << 29) // rows
    split = replace(lake.catalog["customer_segments"], write=Replace(split=RowSplit("customer_id", each)))
    chunks = chunking.memory_chunks(lake.engine, lake.catalog, split, 2 << 30)
    assert chunks == [chunking.RowBucket("customer_id", number, 2) for number in range(2)]
    assert chunking.memory_chunks(lake.engine, lake.catalog, split, None) == [FullRefresh()]

    monkeypatch.setattr(chunking, "total_memory", lambda: rows * each)
    assert len(chunking.memory_chunks(lake.engine, lake.catalog, split, None)) == 4


def test_parts_are_as_many_as_the_rows_of_the_named_inputs_need(lake):
    events, lines = (lake.engine.row_count(lake.catalog[name]) for name in ("events", "order_lines"))

    def parts(*of):
        split = replace(
            lake.catalog["product_performance_daily"],
            write=Replace(split=RowSplit("product_id", (1 << 29) // lines, of)),
        )
        return len(chunking.memory_chunks(lake.engine, lake.catalog, split, 2 << 30))

    assert events >= 2 * lines
    assert (parts("order_lines"), parts("events") > 2, parts() > 2) == (2, True, True)


def test_each_row_is_in_one_bucket_of_its_column(spark):
    rows = spark.range(100).select(F.col("id").cast("string").alias("customer_id"))

    parts = [chunking.RowBucket("customer_id", number, 3).choose(rows).collect() for number in range(3)]

    assert sorted(int(each[0]) for part in parts for each in part) == list(range(100))
    assert all(parts)


@pytest.mark.slow
def test_tables_that_are_built_in_parts_hold_the_same_rows(tmp_path, folder):
    memory = chunking.BYTES_PER_ROW * 4
    tight = lake_at(tmp_path / "parts", folder / "landing", tables=TABLES, memory_limit=memory)
    tight.run()

    assert [len(given(tight, name, tight.settings.memory_limit)) for name in SLICED] == [4, 2, 2]
    assert difference(answers(tmp_path / "parts"), answers(folder / "lake")) == {}


@pytest.mark.slow
def test_months_that_are_built_in_parts_hold_the_same_rows(tmp_path):
    """A session goes on after midnight of the first of a month, and one month has no order."""
    times = ["2026-01-31T23:50:00", "2026-02-01T00:05:00", "2026-02-10T10:00:00", "2026-03-01T10:00:00"]
    seen = [event(n, event_ts=f"{at}Z", event_name="page_view", user_id="V") for n, at in enumerate(times)]
    drop(tmp_path / "landing", "events/a.json", *seen)
    lines = [{"line_number": 1, "product_id": "P1", "quantity": 1, "unit_price": 2.5}]
    order = {"order_id": "O1", "customer_id": "V", "lines": lines}
    drop(tmp_path / "landing", "orders/a.json", {**order, "ordered_at": "2026-02-01T00:10:00Z"})
    drop(tmp_path / "landing", "orders/b.json", {**order, "order_id": "O2", "ordered_at": "2026-03-01T10:00:00Z"})
    whole, tight = (
        lake_at(tmp_path / name, tmp_path / "landing", tables=("channel_transitions",), memory_limit=memory)
        for name, memory in (("whole", None), ("tight", chunking.BYTES_PER_ROW))
    )

    whole.run()
    tight.run()

    parts = given(tight, "gold.channel_transitions", tight.settings.memory_limit)
    assert [sorted(each.values) for each in parts] == [["2026-01-01"], ["2026-02-01"], ["2026-03-01"]]
    assert difference(answers(tmp_path / "tight"), answers(tmp_path / "whole")) == {}
    assert {str(row["fit_month"])[:7] for row in listed(tmp_path / "whole", "gold/channel_transitions")} == {
        "2026-01",
        "2026-02",
        "2026-03",
    }


def answers(lake):
    return content(lake, [table for table in there(lake) if not table.startswith("bronze")])


@pytest.mark.parametrize(("times", "at_once"), [(None, MAX_PARALLEL_TABLES + 1), (3, 3), (2, 2), (1, 1), (0.5, 1)])
def test_three_small_tables_are_built_at_once_where_the_memory_is_enough_for_all(lake, times, at_once):
    largest = max(lake.engine.row_count(table) for table in lake.catalog.ordered)

    memory = times and int(times * largest * chunking.BYTES_PER_ROW)
    assert chunking.max_parallel(lake.engine, chunking.max_rows(lake.engine, lake.catalog), memory) == at_once


def test_of_large_tables_two_are_built_at_once(lake):
    assert chunking.max_parallel(lake.engine, chunking.SMALL_TABLE_ROWS + 1, 1 << 40) == MAX_PARALLEL_TABLES


def test_on_an_engine_elsewhere_two_tables_are_built_at_once_whatever_the_memory_here(lake, monkeypatch):
    monkeypatch.setattr(lake.engine, "capabilities", SPARK)

    assert chunking.max_parallel(lake.engine, chunking.max_rows(lake.engine, lake.catalog), 1) == MAX_PARALLEL_TABLES
