"""The refund of a cancelled order is no return, whichever of order, refund and cancellation arrives first."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from shoplake.operations.integrity.verify import find_problems

from .lakes import lake_at, listed

if TYPE_CHECKING:
    from pathlib import Path

LINE = {"line_number": 1, "product_id": "p1", "quantity": 2, "unit_price": "10.00"}
ORDER = {
    "order_id": "o1",
    "ordered_at": "2026-03-01T10:00:00Z",
    "customer_id": "c1",
    "currency": "GBP",
    "lines": [LINE],
}
KEPT = ORDER | {"order_id": "o2"}
REFUND = {
    "refund_id": "r1",
    "order_id": "o1",
    "refunded_at": "2026-03-02T10:00:00Z",
    "currency": "GBP",
    "lines": [LINE],
}
FILES: dict[str, list[dict[str, Any]]] = {
    "orders/sold": [ORDER, KEPT],
    "refunds/refund": [REFUND, REFUND | {"refund_id": "r2", "order_id": "o2"}],
    "orders/cancelled": [ORDER | {"status": "cancelled"}],
}
SOLD, REFUNDED, CANCELLED = FILES
MEASURES = ("gross_sales", "returns", "net_sales", "cancelled_sales")


def sales_after(folder: Path, *names: str) -> dict[str, tuple[Decimal, ...]]:
    """The measures of each day after a run for each file."""
    lake = lake_at(folder / "lake", folder / "landing", tables=("refunds_raw", "sales_daily"))
    for name in names:
        path = folder / "landing" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(record) + "\n" for record in FILES[name]))
        lake.run()
    assert list(find_problems(lake.engine, lake.catalog, lake.state, lake.known.values())) == []
    return {
        str(row["sales_date"]): tuple(map(row.get, MEASURES)) for row in listed(folder / "lake", "gold/sales_daily")
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "names",
    [(SOLD, REFUNDED, CANCELLED), (REFUNDED, SOLD, CANCELLED), (SOLD, CANCELLED, REFUNDED)],
    ids=["cancelled last", "refunded first", "refunded last"],
)
def test_the_refund_of_a_cancelled_order_is_no_return_in_any_order_of_arrival(tmp_path, names):
    assert sales_after(tmp_path, *names) == {
        "2026-03-01": (Decimal("20.00"), Decimal("0.00"), Decimal("20.00"), Decimal("20.00")),
        "2026-03-02": (Decimal("0.00"), Decimal("20.00"), Decimal("-20.00"), Decimal("0.00")),
    }
