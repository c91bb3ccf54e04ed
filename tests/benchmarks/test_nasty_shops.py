"""Small shops in which what is rare is usual, several in one lake with equal ids: against the hand-written DuckDB SQL.

Every row and column of every silver table is that of the SQL over the same files, and of every gold table that of the
SQL over the silver tables. A lake that got the files in many runs has the tables of a full refresh.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nasty.shop import PRODUCT, Shop
from peer import GOLD, TABLES, build_gold, differences, duckdb_job
from reliability.lakes import ANSWERS, content, difference

from shoplake.declare import Feed
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
SILVER = tuple(name for name in TABLES if name.startswith("silver."))
SHOPS = 5
"""Shops of a lake."""
PARTIAL = ({"layer": "bronze"}, {"layer": "silver"}, {"select": "gold.sales_daily"}, {"select": "gold.order_values"})
"""Runs that leave tables behind."""


def lake_of(folder: Path, shops: dict[int, Shop]) -> Lake:
    """A lake of the shops, each a feed named by its seed."""
    landing = {seed: folder / "landing" / f"f{seed}" for seed in shops}
    for path in landing.values():
        path.mkdir(parents=True, exist_ok=True)
    feeds = [
        Feed(f"f{seed}", KINDS["zenith"], str(landing[seed]), shop.timezone, shop.currency)
        for seed, shop in shops.items()
    ]
    return Lake(Settings(lake=str(folder / "lake"), feeds=tuple(feeds)))


def silver_of(files: Path, out: Path, **shop: str) -> None:
    """Make the tables of the files of one shop; the SQL needs a file of products."""
    (files / "products").mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict.fromkeys(PRODUCT, pa.array([], pa.string()))), files / "products/none.parquet")
    duckdb_job.run(files, out, memory="1GB", **shop)


@pytest.mark.parametrize("first", range(1, 20, SHOPS))
def test_every_row_of_every_table_is_that_of_the_sql(first: int, tmp_path: Path):
    shops = {seed: Shop(seed) for seed in range(first, first + SHOPS)}
    for seed, shop in shops.items():
        shop.drop(tmp_path / "landing" / f"f{seed}")
    lake_of(tmp_path, shops).run()

    found = []
    for seed, shop in shops.items():
        feed = {"feed": f"f{seed}", "timezone": shop.timezone, "currency": shop.currency}
        silver, gold = tmp_path / f"silver{seed}", tmp_path / f"gold{seed}"
        silver_of(tmp_path / "landing" / feed["feed"], silver, **feed)
        with duckdb.connect() as connection:
            build_gold(connection, tmp_path / "lake", gold, **feed)
            for out, tables in ((silver, SILVER), (gold, GOLD)):
                for table in tables:
                    wrong = differences(connection, tmp_path / "lake", out, table, feed=feed["feed"])
                    found += [f"seed {seed} ({shop}): {each}" for each in wrong]
    assert found == []


@pytest.mark.parametrize("first", range(1001, 1015, SHOPS))
def test_files_in_many_runs_give_the_tables_of_a_full_refresh(first: int, tmp_path: Path):
    shops = {seed: Shop(seed, by_arrival=True) for seed in range(first, first + SHOPS)}
    files = [(seed, name) for seed, shop in shops.items() for name in shop.files]
    chance = random.Random(first)
    chance.shuffle(files)
    runs = chance.randint(3, 8)
    for number in range(runs):
        for seed, name in files[number::runs]:
            shops[seed].drop(tmp_path / "landing" / f"f{seed}", [name])
        is_partial = number < runs - 1 and chance.random() < 0.4
        lake_of(tmp_path, shops).run(**(chance.choice(PARTIAL) if is_partial else {}))
    grown = content(tmp_path / "lake", ANSWERS)

    lake_of(tmp_path, shops).run(full_refresh=True)

    assert difference(grown, content(tmp_path / "lake", ANSWERS)) == {}, f"shops of the seeds {sorted(shops)}"
