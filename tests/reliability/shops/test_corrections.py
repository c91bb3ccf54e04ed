"""Orders, refunds and payments that are sent again, corrected, replace what was known, in silver and in gold."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.operations.integrity.verify import find_problems
from shoplake.pipeline.runner import PipelineRun

from ..lakes import content, difference, lake_at, listed

if TYPE_CHECKING:
    from shoplake.engine import Problem
    from shoplake.lake import Lake

TABLES = ("orders_raw", "refunds_raw", "order_lines", "payments", "sales_daily", "customer_segments")
WRITTEN = ["silver/order_lines", "silver/payments", "gold/sales_daily", "gold/customer_segments"]


def order(name: str, *quantities: int, **fields: Any) -> dict[str, Any]:
    """A native order of pieces at 10.00."""
    lines = [
        {"line_number": at, "product_id": f"p{at}", "quantity": n, "unit_price": "10.00", "tax": "1.50"}
        for at, n in enumerate(quantities, 1)
    ]
    return {
        "order_id": name,
        "ordered_at": "2026-03-01T10:00:00Z",
        "customer_id": f"c-{name}",
        "currency": "GBP",
        "lines": lines,
        **fields,
    }


def paid(name: str, status: str) -> dict[str, Any]:
    return {
        "payments": [
            {"payment_id": f"m-{name}", "method": "card", "amount": "10.00", "status": status}
            | {"paid_at": "2026-03-01T10:01:00Z"}
        ]
    }


FIRST = [
    *[order(f"o{number}", 2) for number in range(100)],
    order("shorter", 1, 1, 1),
    order("moved", 1),
    order("invoice", 1, **paid("invoice", "pending")),
    order("cancelled", 3, status="placed", discount="2.00", shipping="4.00"),
    order("bad", 0),
    order("worse", 0),
    order("timed", 5, updated_at="2026-03-03T00:00:00Z"),
]
SECOND = [
    *[order(f"o{number}", 1) for number in range(100)],
    order("shorter", 1, 1),
    order("moved", 1, ordered_at="2026-03-02T10:00:00Z", currency="EUR"),
    order("invoice", 1, **paid("invoice", "paid")),
    order("cancelled", 3, status="cancelled", discount="2.00", shipping="4.00"),
    order("bad", 4),
    order("timed", 6, updated_at="2026-03-02T00:00:00Z"),
    order("new", 7),
]


def drop(folder: Path, name: str, records: list[dict[str, Any]]) -> None:
    (folder / "landing" / "orders").mkdir(parents=True, exist_ok=True)
    (folder / "landing" / "orders" / f"{name}.json").write_text("".join(json.dumps(each) + "\n" for each in records))


def new_lake(folder: Path) -> Lake:
    return lake_at(folder / "lake", folder / "landing", tables=TABLES)


def run_pipeline(folder: Path) -> None:
    """Run without the log of runs, whose context ends with the thread that a crash hook leaves."""
    lake = new_lake(folder)
    PipelineRun(lake.engine, lake.catalog, lake.state, lake.settings, commit_interval_s=0).execute()


def problems(folder: Path) -> list[Problem]:
    lake = new_lake(folder)
    return list(find_problems(lake.engine, lake.catalog, lake.state, lake.known.values()))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of the orders as they were sent first; tests work on copies of it."""
    made = tmp_path_factory.mktemp("first")
    drop(made, "1", FIRST)
    new_lake(made).run()
    return made


@pytest.fixture(scope="module")
def folder(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake to which the same orders were sent on two days, the second time corrected."""
    made = Path(shutil.copytree(first, tmp_path_factory.mktemp("corrections") / "copy"))
    drop(made, "2", SECOND)
    new_lake(made).run()
    return made


@pytest.fixture(scope="module")
def lines(folder: Path) -> dict[tuple[str, int], dict[str, Any]]:
    return {(row["order_id"], row["line_number"]): row for row in listed(folder / "lake", "silver/order_lines")}


@pytest.fixture(scope="module")
def days(folder: Path) -> dict[str, dict[str, Any]]:
    return {str(row["sales_date"]): row for row in listed(folder / "lake", "gold/sales_daily")}


@pytest.mark.sample
def test_a_hundred_corrected_orders_have_the_corrected_quantity(lines):
    assert [lines[f"o{number}", 1]["quantity"] for number in range(100)] == [1] * 100


def test_a_line_that_the_correction_does_not_have_is_removed(lines):
    assert [line for name, line in sorted(lines) if name == "shorter"] == [1, 2]


def test_an_order_moves_to_its_new_day_and_currency(lines):
    assert (str(lines["moved", 1]["order_date"]), lines["moved", 1]["currency"]) == ("2026-03-02", "EUR")


def test_an_older_correction_that_arrives_later_changes_nothing(lines):
    assert lines["timed", 1]["quantity"] == 5


def test_a_pending_payment_becomes_paid(folder):
    [payment] = listed(folder / "lake", "silver/payments")

    assert (payment["payment_id"], payment["status"]) == ("m-invoice", "paid")


def test_a_cancelled_order_leaves_all_sales_and_counts_as_cancelled(days):
    pieces = 100 + 2 + 1 + 4 + 5 + 7
    day = days["2026-03-01"]

    assert (day["gross_sales"], day["discounts"], day["shipping"]) == (Decimal(10 * pieces), 0, 0)
    assert (day["orders"], day["units_sold"], day["tax"]) == (105, pieces, Decimal("159.00"))
    assert (day["cancelled_orders"], day["cancelled_sales"]) == (1, Decimal("30.00"))


def test_the_new_day_has_the_order_that_moved(days):
    assert (days["2026-03-02"]["orders"], days["2026-03-02"]["gross_sales"]) == (1, Decimal("10.00"))


def test_a_customer_whose_only_order_is_cancelled_is_in_no_segment(folder):
    customers = {row["customer_id"] for row in listed(folder / "lake", "gold/customer_segments")}

    assert "c-new" in customers and "c-cancelled" not in customers


def test_each_row_is_counted_once_and_the_lake_verifies(folder):
    second = max(
        (row for row in listed(folder / "lake", "ops/table_runs") if row["table"] == "silver.order_lines"),
        key=lambda row: row["run_started_at"],
    )
    counts = {name: second[f"rows_{name}"] for name in ("read", "written", "replaced", "superseded", "duplicate")}

    assert counts == {"read": 110, "written": 109, "replaced": 108, "superseded": 1, "duplicate": 0}
    assert problems(folder) == []


def test_a_quarantined_record_whose_order_arrives_valid_is_superseded(folder):
    rows = new_lake(folder).quarantine("silver.order_lines").to_arrow().to_pylist()

    states = {json.loads(row["record_key"])["order_id"]: row["state"] for row in rows}
    assert states == {"bad": "superseded", "worse": "open"}
    assert new_lake(folder).open_quarantined() == {"silver.order_lines": 1}


@pytest.mark.slow
def test_a_full_refresh_and_one_run_over_all_files_give_the_same_tables(folder, tmp_path):
    once = tmp_path / "once"
    for name, records in (("1", FIRST), ("2", SECOND)):
        drop(once, name, records)
    new_lake(once).run()
    before = content(folder / "lake", WRITTEN)

    assert difference(content(once / "lake", WRITTEN), before) == {}
    new_lake(folder).run(full_refresh=True)
    assert difference(content(folder / "lake", WRITTEN), before) == {}
    assert problems(folder) == []


class CutError(Exception):
    """Ends a run at a crash point."""


@pytest.mark.sample
@pytest.mark.parametrize(
    "point",
    [
        pytest.param("before_merge", marks=pytest.mark.slow),
        pytest.param("after_merge", marks=pytest.mark.slow),
        "before_commit_offsets",
    ],
)
def test_a_run_that_is_killed_while_it_replaces_is_completed_by_the_next(tmp_path, first, folder, point):
    killed = Path(shutil.copytree(first, tmp_path / "copy"))
    drop(killed, "2", SECOND)

    def cut(name: str) -> None:
        if name == point:
            raise CutError(name)

    set_crash_hook(cut)
    try:
        with pytest.raises(CutError):
            run_pipeline(killed)
    finally:
        set_crash_hook(None)
    new_lake(killed).run()

    assert difference(content(killed / "lake", WRITTEN), content(folder / "lake", WRITTEN)) == {}
    assert problems(killed) == []
