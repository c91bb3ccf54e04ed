"""The clock of the machine does not matter: neither its time zone nor the days on which clocks change."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shoplake.engine.state import state_store

from ..lakes import CUSTOMERS, EVENTS, content, difference, drop, event, lake_at, listed

if TYPE_CHECKING:
    from shoplake.lake import Lake

TABLES = (*EVENTS, "orders_raw", "refunds_raw", "order_lines", *CUSTOMERS)
TABLES += ("sessions", "funnel_daily", "sales_daily")
COMPARED = (*EVENTS, "orders_raw", "refunds_raw", "order_lines", *CUSTOMERS, "sessions", "funnel_daily")
"""Those that another machine makes too: all in which times become days."""
ZONES = ("Pacific/Kiritimati", "America/St_Johns")
RUN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from reliability.lakes import lake_at
lake_at(Path(sys.argv[2]), Path(sys.argv[3]), tables=sys.argv[4:]).run()
"""
TIMES = {
    "2026-03-28T23:59:59.999Z": "2026-03-28",
    "2026-03-29T00:30:00Z": "2026-03-29",
    "2026-03-29T22:59:59.999Z": "2026-03-29",
    "2026-03-29T23:00:00Z": "2026-03-30",
    "2026-03-30T01:30:00+02:00": "2026-03-30",
    "2026-10-24T22:59:59Z": "2026-10-24",
    "2026-10-24T23:00:00Z": "2026-10-25",
    "2026-10-25T23:59:59Z": "2026-10-25",
    "2026-10-26T00:00:00Z": "2026-10-26",
}
"""Moments around the nights on which London's clocks change, and the day it is there."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same files in a lake that this process, in UTC, has filled."""
    folder = tmp_path_factory.mktemp("clocks")
    changes = {"user_id": "V", "event_name": "purchase", "order_id": "O"}
    drop(folder / "landing", "events/a.json", *[event(n, event_ts=at, **changes) for n, at in enumerate(TIMES)])
    line = {"line_number": 1, "product_id": "P1", "quantity": 1, "unit_price": 2.5}
    orders = [{"order_id": f"O{n}", "ordered_at": at, "lines": [line]} for n, at in enumerate(TIMES)]
    drop(folder / "landing", "orders/a.json", *orders)
    header = "customer_id,signup_date,location,email,phone,updated_at"
    drop(folder / "landing", "customers/a.csv", header, "C1,2026-03-29,,a@b.cd,,2026-03-29T00:30:00Z")
    lake_at(folder / "utc", folder / "landing", tables=TABLES).run()
    return folder


@pytest.mark.sample
def test_an_event_counts_on_the_shops_own_day_also_when_its_clocks_change(folder: Path):
    days = {row["event_id"]: str(row["event_date"]) for row in listed(folder / "utc", "silver/events")}

    assert days == {f"e{number:06}": day for number, day in enumerate(TIMES.values())}


def test_sales_count_on_the_shops_own_day_also_when_its_clocks_change(folder: Path):
    sold = {str(row["sales_date"]): row["orders"] for row in listed(folder / "utc", "gold/sales_daily")}

    assert sold == {day: list(TIMES.values()).count(day) for day in TIMES.values()}


@pytest.mark.parametrize(
    "zone", [pytest.param(ZONES[0], marks=pytest.mark.slow), pytest.param(ZONES[1], marks=pytest.mark.slow)]
)
def test_a_machine_in_another_time_zone_makes_the_same_tables(folder: Path, zone: str):
    lake = folder / zone.replace("/", "-")
    arguments = [str(Path(__file__).parents[2]), str(lake), str(folder / "landing"), *COMPARED]

    subprocess.run([sys.executable, "-c", RUN, *arguments], env={**os.environ, "TZ": zone}, check=True)

    made = content(lake)
    assert difference(made, content(folder / "utc", made)) == {}


@pytest.mark.sample
def test_a_machine_in_another_time_zone_has_each_event_on_the_same_day(folder: Path):
    lake = folder / "events"
    arguments = [
        str(Path(__file__).parents[2]),
        str(lake),
        str(folder / "landing"),
        "customers_raw",
        "orders_raw",
        *EVENTS,
    ]

    subprocess.run([sys.executable, "-c", RUN, *arguments], env={**os.environ, "TZ": ZONES[0]}, check=True)

    assert difference(content(lake, ["silver/events"]), content(folder / "utc", ["silver/events"])) == {}


def test_local_times_without_offset_are_read_on_the_shops_clock(landing, tmp_path):
    times = {"2026-03-29 00:30:00": 0, "2026-03-29 03:30:00": 2, "2026-10-25 00:30:00": 23, "2026-10-25 03:30:00": 3}
    rows = [f"{600000 + n},10001,Mug,1,{at},1.5,17850,France" for n, at in enumerate(times)]
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    drop(landing, "a.csv", header, *rows)
    lake_at(tmp_path / "lake", landing, "online_retail", tables=("orders_raw", "refunds_raw", "order_lines")).run()

    lines = sorted(listed(tmp_path / "lake", "silver/order_lines"), key=lambda row: row["order_id"])
    assert [row["ordered_at"].hour for row in lines] == list(times.values())
    assert [str(row["order_date"]) for row in lines] == ["2026-03-29"] * 2 + ["2026-10-25"] * 2


def test_a_clock_that_was_set_back_between_two_runs_loses_no_file(lake: Lake, landing, at, monkeypatch):
    class Slow(datetime):
        @classmethod
        def now(cls, tz=UTC):
            return datetime.now(tz) - timedelta(days=400)

    drop(landing, "events/a.json", event(1))
    lake.run()
    drop(landing, "events/b.json", event(1, event_ts="2026-03-02T08:00:00Z"), event(2))
    monkeypatch.setattr(state_store, "datetime", Slow)
    lake.run()
    monkeypatch.undo()

    assert [row["event_at"].hour for row in sorted(listed(at, "silver/events"), key=lambda row: row["event_id"])] == [
        8,
        9,
    ]
    assert lake.run().tables == []


def test_an_order_changed_at_an_implausible_time_wins_over_no_correction(landing, tmp_path):
    line = {"line_number": 1, "product_id": "P1", "unit_price": 2.5}
    times = {1: "2262-04-11T00:00:00Z", 2: "2026-03-02T00:00:00Z", 3: "1970-01-01T00:00:00Z"}
    order = {"order_id": "O1", "ordered_at": "2026-03-01T09:00:00Z"}
    for count, at in times.items():
        drop(landing, f"orders/{count}.json", order | {"updated_at": at, "lines": [line | {"quantity": count}]})

    lake_at(tmp_path / "lake", landing, tables=("orders_raw", "refunds_raw", "order_lines")).run()

    assert [row["quantity"] for row in listed(tmp_path / "lake", "silver/order_lines")] == [2]
    refused = listed(tmp_path / "lake", "silver/order_lines_quarantine")
    assert [row["reasons"] for row in refused] == [["updated_at_plausible"]] * 2
