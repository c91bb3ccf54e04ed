"""A shop in the shape of the Retailrocket files: what is generated comes out again, in whatever order it arrives."""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shoplake.simulate.retailrocket import generate

from ..lakes import ALL_TABLES, BRONZE, content, difference, lake_at, there, with_all_tables
from .test_equality import build

if TYPE_CHECKING:
    from shoplake.lake import Lake

QUIET: dict[str, Any] = {
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.explicit, Phase.generate],
}


@dataclass(frozen=True)
class IngestedShop:
    """A shop's files, their ground truth, and a lake that ingested them in one run."""

    landing: Path
    lake: Lake
    tables: tuple[str, ...]
    ground_truth: dict[str, Any]

    def one(self, query: str) -> tuple[Any, ...]:
        """The one row that answers a query."""
        [row] = self.lake.sql(query).collect()
        return tuple(row)

    def by(self, query: str) -> dict[str, Any]:
        """The rows of two columns that answer a query."""
        return {row[0]: row[1] for row in self.lake.sql(query).collect()}


TABLES = (*BRONZE, "sales_daily", "purchases", "customer_segments", "product_funnel", "funnel_daily", "carts")
"""Those whose sums the ground truth has."""


@pytest.fixture(scope="module", params=[pytest.param(TABLES, id="few tables", marks=pytest.mark.slow), ALL_TABLES])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> IngestedShop:
    folder = tmp_path_factory.mktemp("rocket")
    generate(folder / "landing", events=2_000, properties=10_000, days=30, error_rate=0.05, event_files=2)
    lake = lake_at(folder / "lake", folder / "landing", "retailrocket", tables=request.param)
    lake.run()
    ground_truth = json.loads((folder / "landing" / "ground_truth.json").read_text())
    return IngestedShop(folder / "landing", lake, request.param, ground_truth)


def check_silver(shop: IngestedShop) -> None:
    ground_truth = shop.ground_truth
    assert shop.by("SELECT event_name, count(*) FROM silver.events GROUP BY 1") == ground_truth["events_by_name"]
    assert shop.one("SELECT count(*) FROM silver.events_quarantine") == (
        sum(ground_truth["quarantined"]["events"].values()),
    )
    products = shop.one("SELECT count(DISTINCT product_id), count(*) FROM silver.products")
    assert products == (ground_truth["products"]["ids"], ground_truth["products"]["versions"])
    aside = shop.one("SELECT count(*) FROM silver.products_quarantine")
    assert aside == (sum(ground_truth["quarantined"]["item_properties"].values()),)


def check_categories(shop: IngestedShop) -> None:
    facts = shop.ground_truth["categories"]
    found = shop.by("SELECT coalesce(problem, 'none'), count(*) FROM silver.categories GROUP BY 1")
    assert found == {
        name: count
        for name, count in {
            "none": facts["ids"],
            "orphan": facts["orphans"],
            "circle": facts["circles"],
        }.items()
        if count
    }
    roots = "SELECT count_if(depth = 0), max(depth) FROM silver.categories WHERE problem IS NULL"
    assert shop.one(roots) == (facts["roots"], facts["deepest"])


def check_sales(shop: IngestedShop) -> None:
    ground_truth, revenue = shop.ground_truth, Decimal(shop.ground_truth["revenue"])
    lines = shop.one("SELECT count(*), count_if(unit_price IS NULL), sum(amount) FROM silver.order_lines")
    assert lines == (ground_truth["order_lines"], ground_truth["unpriced_lines"], revenue)
    daily = shop.one("SELECT sum(orders), sum(units_sold), sum(gross_sales), sum(net_sales) FROM gold.sales_daily")
    assert daily == (ground_truth["orders"], ground_truth["order_lines"], revenue, revenue)
    assert shop.one("SELECT count(*), sum(revenue) FROM gold.purchases") == (ground_truth["order_lines"], revenue)
    assert shop.one("SELECT count(*) FROM gold.customer_segments") == (ground_truth["customers"],)


def check_visits(shop: IngestedShop) -> None:
    ground_truth = shop.ground_truth
    assert shop.one("SELECT count(*), sum(events) FROM silver.sessions") == (
        ground_truth["sessions"],
        ground_truth["events"],
    )
    sums = "sum(unique_views), sum(unique_addtocarts), sum(unique_purchases)"
    assert shop.one(f"SELECT {sums} FROM gold.product_funnel") == tuple(ground_truth["product_funnel"].values())
    steps = ", ".join(f"count_if({name} > 0) > 0" for name in ("product_view_sessions", "purchase_sessions"))
    assert shop.one(f"SELECT {steps}, count(page_view_sessions) FROM gold.funnel_daily") == (True, True, 0)
    assert shop.one("SELECT sum(adds) FROM gold.carts") == (ground_truth["events_by_name"]["add_to_cart"],)


@pytest.mark.parametrize("check", [check_silver, check_categories, check_sales, check_visits])
def test_what_was_generated_comes_out_again(shop, check):
    check(shop)


def test_the_lake_is_as_its_logs_say(shop):
    assert shop.lake.verify() == []


def answers(lake: Path) -> dict[str, list[str]]:
    """What a lake holds in silver and gold."""
    return content(lake, [table for table in there(lake) if not table.startswith("bronze")])


def check_splits(shop: IngestedShop, seed: int, runs: int) -> None:
    arrivals = [(file, file.name) for file in sorted(shop.landing.glob("*.csv"))]
    with TemporaryDirectory() as folder:
        lake = build(Path(folder), arrivals, seed=seed, runs=runs, kind="retailrocket", tables=shop.tables)

        at_once = answers(Path(shop.lake.settings.lake))
        assert difference(answers(lake), at_once) == {}


@pytest.mark.slow
@settings(max_examples=1, derandomize=True, **QUIET)
@given(seed=st.integers(1, 2**32), runs=st.just(2))
def test_files_in_any_order_and_any_number_of_runs_give_the_tables_of_one_run(shop: IngestedShop, seed, runs):
    check_splits(shop, seed, runs)


@with_all_tables
def test_built_again_from_bronze_the_tables_are_the_same(shop):
    at = Path(shop.lake.settings.lake)
    before = answers(at)

    shop.lake.run(full_refresh=True)
    shop.lake.run(start=date(2015, 5, 10), end=date(2015, 5, 20))

    assert difference(answers(at), before) == {}


@with_all_tables
@settings(max_examples=8, **QUIET)
@given(seed=st.integers(1, 2**32), runs=st.integers(2, 7))
def test_a_great_many_orders_and_splits_give_the_tables_of_one_run(shop: IngestedShop, seed, runs):
    check_splits(shop, seed, runs)


@pytest.mark.slow
def test_a_set_of_the_real_datas_size_comes_out_again(tmp_path, capsys):
    ground_truth = generate(tmp_path / "landing", events=2_756_101, properties=20_275_902, days=138)
    lake = lake_at(tmp_path / "lake", tmp_path / "landing", "retailrocket", memory_limit=4 * 2**30)
    began, cpu = time.perf_counter(), time.process_time()
    report = lake.run()
    took = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    facts = [f"{step.table:32} {step.result.rows_read:>12,} {step.duration_s:8.2f} s" for step in report.tables]
    with capsys.disabled():
        sys.stdout.write("\n".join(["", f"{took[0]:.1f} s, {took[1]:.1f} CPU s, {peak:.1f} GiB at most", *facts, ""]))
    shop = IngestedShop(tmp_path / "landing", lake, (), dict(ground_truth))
    for check in (check_silver, check_categories, check_sales, check_visits):
        check(shop)
