"""Amounts that no shop takes: they are quarantined or added up, and no sum of them is too large for its column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ..lakes import drop, event, lake_at, listed

if TYPE_CHECKING:
    from pathlib import Path

MOST = 9_999_999_999.99
"""The greatest amount of one record."""
TOO_MUCH = (10_000_000_000, 99_999_999_999_999.99, 1e13)
COUNT = 200


def purchase(number: int, **changes: Any) -> dict[str, Any]:
    return event(number, event_name="purchase", order_id=f"O{number}", **changes)


def order(number: int, price: float, quantity: int = 1) -> dict[str, Any]:
    line = {"line_number": 1, "product_id": f"P{number % 7}", "quantity": quantity, "unit_price": price}
    paid = {"payment_id": f"M{number}", "method": "card", "amount": price, "status": "paid"}
    return {
        "order_id": f"O{number}",
        "ordered_at": "2026-03-02T10:00:00Z",
        "customer_id": f"C{number % 10}",
        "country": "GB",
        "currency": "GBP",
        "lines": [line],
        "payments": [paid | {"paid_at": "2026-03-02T10:00:00Z"}],
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of a shop with the greatest amounts there are, and with greater ones, all tables built."""
    folder = tmp_path_factory.mktemp("amounts")
    numbers, beyond = range(COUNT), list(enumerate(TOO_MUCH, COUNT))
    sold = [purchase(number, price=MOST) for number in numbers]
    drop(folder / "landing", "events/e.json", *sold, *[purchase(number, price=price) for number, price in beyond])
    more = [order(number, price) for number, price in beyond] + [order(COUNT + 9, 9.5, 2_147_483_647)]
    drop(folder / "landing", "orders/o.json", *[order(number, MOST) for number in numbers], *more)

    lake_at(folder / "lake", folder / "landing").run()
    return folder / "lake"


def test_greater_amounts_are_quarantined_each_with_its_reason(lake: Path):
    reasons = {
        table: sorted({row["reasons"][0] for row in listed(lake, f"silver/{table}_quarantine")})
        for table in ("events", "order_lines", "payments")
    }

    assert reasons == {
        "events": ["price_fits_type"],
        "order_lines": ["amount_below_ten_billion", "unit_price_fits_type"],
        "payments": ["amount_fits_type"],
    }


def test_the_greatest_ones_are_added_up(lake: Path):
    [day] = listed(lake, "gold/sales_daily")

    assert float(day["net_sales"]) == pytest.approx(COUNT * MOST)
    assert {row["unexplained"] for row in listed(lake, "gold/reconciliation_orders")} == {0}
