"""A shop's time zone is corrected: what lies on other days then is what a lake of that zone has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from .lakes import content, difference, drop, lake_at

if TYPE_CHECKING:
    from pathlib import Path

TABLES = ("sales_daily", "reconciliation_orders")


def order(number: int, at: str) -> dict[str, object]:
    line = {"line_number": 1, "product_id": "1", "quantity": 2, "unit_price": 3}
    return {"order_id": str(number), "ordered_at": at, "customer_id": "c1", "lines": [line], "updated_at": at}


@pytest.mark.slow
@pytest.mark.sample
def test_orders_around_midnight_are_on_the_days_of_the_new_time_zone(at: Path, landing: Path, tmp_path: Path):
    drop(landing, "orders/a.json", order(1, "2026-01-03T02:30:00Z"), order(2, "2026-01-03T12:00:00Z"))
    lake = lake_at(at, landing, tables=TABLES)
    lake.run()

    [feed] = lake.settings.feeds
    abroad = (replace(feed, timezone="America/New_York"),)
    lakes = [lake_at(place, landing, tables=TABLES, feeds=abroad) for place in (at, tmp_path / "fresh")]
    lakes[0].apply()
    lakes[1].run()

    assert difference(content(at), content(tmp_path / "fresh")) == {}
