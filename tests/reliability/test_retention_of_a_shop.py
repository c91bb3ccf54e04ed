"""Totals by day in gold outlive the rows they were made of, whatever arrives later."""

import os
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shoplake.declare import Feed
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.settings import Settings
from shoplake.simulate import generate

DAYS, LAST, KEPT = 20, 2, 10
"""Days of the shop, those that arrive after rows have expired, and those that are kept."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A lake of all days but the last, the files of the last, and the first day that is kept."""
    folder = tmp_path_factory.mktemp("shop")
    generate(folder / "all", events=8_000, customers=120, products=30, days=DAYS, seed=5, error_rate=0.02)
    dates = sorted({file.stem[7:17] for file in (folder / "all" / "events").iterdir()})
    files = list((folder / "all").rglob("*-*-*-*.*"))
    last = [file for file in files if any(day in file.name for day in dates[-LAST:])]
    link(folder / "all", [file for file in files if file not in last], folder / "lake")
    lake_of(folder / "lake", ()).run()
    return folder, last, date.fromisoformat(dates[-KEPT])


def link(files, chosen, folder):
    for file in chosen:
        target = folder / "landing" / file.relative_to(files)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(file, target)


def lake_of(folder, keeps, first=None):
    lake = Lake(Settings(str(folder / "lake"), (Feed("shop", KINDS["zenith"], str(folder / "landing"), "UTC", "GBP"),)))
    for name in keeps:
        kept = replace(lake.catalog[name], keeps=f"{(datetime.now(UTC).date() - first) // timedelta(days=1)} days")
        lake.__dict__["catalog"] = lake.catalog.replaced(kept)
    return lake


def sales(lake, name):
    """Sales by day; of which customer an order is the first is what the orders that are left say."""
    rows = lake.table(f"gold.{name}").to_arrow().drop_columns(["first_orders"])
    return sorted(map(repr, rows.to_pylist()))


@pytest.mark.slow
@pytest.mark.parametrize("keeps", [("silver.order_lines",), ("silver.events", "silver.sessions")])
def test_sales_are_those_of_a_lake_that_keeps_everything(shop, tmp_path, keeps):
    folder, last, first = shop
    for name in ("kept", "whole"):
        shutil.copytree(folder / "lake", tmp_path / name)
    lake, whole = lake_of(tmp_path / "kept", keeps, first), lake_of(tmp_path / "whole", ())
    lake.apply()

    expired = {each.table for each in lake.expire()}
    for each, name in ((lake, "kept"), (whole, "whole")):
        link(folder / "all", last, tmp_path / name)
        each.run()

    assert expired >= set(keeps)
    assert lake.verify() == []
    for name in ("sales_daily", "sales_by_country_daily", "sales_by_category_daily"):
        assert sales(lake, name) == sales(whole, name)
