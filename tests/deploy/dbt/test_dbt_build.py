"""dbt builds the project over a lake that shoplake wrote; its marts are what other queries say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable, write_deltalake
from reliability.lakes import lake_at

from shoplake.deploy.dbt.project import dbt_files
from shoplake.deploy.generated_files import write_generated
from shoplake.simulate import generate

pytestmark = pytest.mark.slow
"""An environment with dbt takes half a minute to make, a lake of all tables as long."""
SMALL = {"events": 3000, "customers": 100, "products": 20, "days": 40, "seed": 11}
SALES = """
    SELECT feed, date_trunc('week', sales_date)::DATE, currency, sum(orders)::BIGINT, sum(net_sales),
        round((sum(gross_sales) - sum(discounts))::DOUBLE / nullif(sum(orders), 0), 2)
    FROM sales_daily GROUP BY ALL ORDER BY ALL
"""
FUNNEL = """
    SELECT date_trunc('month', event_date)::DATE, sum(page_view_sessions)::BIGINT, sum(purchase_sessions)::BIGINT
    FROM funnel_daily GROUP BY ALL ORDER BY ALL
"""
CUSTOMERS = """
    WITH months AS (SELECT DISTINCT customer_id, date_trunc('month', order_date)::DATE AS month
        FROM order_values WHERE kind = 'sale' AND NOT is_cancelled AND customer_id IS NOT NULL),
    numbered AS (SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY month) AS n FROM months)
    SELECT month, count(*), count(*) FILTER (n = 1) FROM numbered GROUP BY ALL ORDER BY ALL
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install("requirements.txt", tmp_path_factory.mktemp("dbt"))


def install(requirements: str, folder: Path) -> Path:
    """Make an environment with dbt, and return its folder of commands; without the packages its tests are skipped."""
    file = Path(__file__).with_name(requirements)
    uv = shutil.which("uv") or os.environ.get("UV")
    pip = [uv, "pip", "install", "-q", "--python", folder / "env"] if uv else [folder / "env/bin/pip", "install", "-q"]
    make = [uv, "venv", "-q", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
    for command in ([*make, folder / "env"], [*pip, "-r", file]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"dbt cannot be installed: {done.stderr.strip()[-200:]}")
    return folder / "env" / "bin"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("lake")
    generate(folder / "landing", **SMALL)
    made = lake_at(folder / "lake", folder / "landing")
    made.run()
    return made


def dbt(environment: Path, lake, folder: Path, *command: str) -> tuple[int, dict[str, str]]:
    """Run dbt in a new project, and return its exit code and the status of each node."""
    write_generated(folder, dbt_files(lake.catalog, lake.settings, "shop"))
    done = subprocess.run(
        [environment / "dbt", *command, "--profiles-dir", "."],
        cwd=folder,
        env=os.environ | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout[-3000:]
    results = folder / "target" / "run_results.json"
    nodes = json.loads(results.read_text())["results"] if results.is_file() else []
    return done.returncode, {each["unique_id"]: each["status"] for each in nodes}


@pytest.fixture(scope="module")
def built(environment: Path, lake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    code, nodes = dbt(environment, lake, folder, "build")
    assert (code, set(nodes.values())) == (0, {"success", "pass", "no-op"}), nodes
    assert sum(name.startswith("unit_test.") for name in nodes) == 3
    return folder


def marts(folder: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def ours(lake, query: str, table: str) -> list[tuple]:
    with duckdb.connect() as connection:
        connection.register(table, DeltaTable(lake.path(f"gold.{table}")).to_pyarrow_table())
        return connection.execute(query).fetchall()


def test_sales_by_week_are_the_sums_of_the_days(built, lake):
    query = """SELECT feed, week_start_date, currency, orders, net_sales, average_order_value::DOUBLE
        FROM marts.sales_by_week ORDER BY ALL"""

    assert marts(built, query) == ours(lake, SALES, "sales_daily")


def test_the_funnel_by_channel_adds_up_to_that_of_the_days(built, lake):
    query = """SELECT session_month, sum(sessions) FILTER (step = 'page_view')::BIGINT,
        sum(sessions) FILTER (step = 'purchase')::BIGINT FROM marts.funnel_by_channel GROUP BY ALL ORDER BY ALL"""

    assert marts(built, query) == ours(lake, FUNNEL, "funnel_daily")


def test_customers_by_month_are_counted_from_the_order_lines(built, lake):
    query = """SELECT activity_month, customers, new_customers FROM marts.customers_by_month
        WHERE customers > 0 ORDER BY ALL"""

    assert marts(built, query) == ours(lake, CUSTOMERS, "order_values")


def test_a_repeated_row_turns_the_test_of_that_tables_key_red_and_no_other(environment, lake, built, tmp_path):
    table = DeltaTable(lake.path("gold.product_returns"))
    version = table.version()
    write_deltalake(table, table.to_pyarrow_table().slice(0, 1), mode="append")

    code, nodes = dbt(environment, lake, tmp_path, "test", "--select", "source:*")
    table.restore(version)

    red = [name.split(".")[2] for name, status in nodes.items() if status != "pass"]
    assert (code, red) == (1, ["source_unique_key_gold_product_returns_feed__product_id"])


def test_the_project_is_parsed_for_databricks_without_a_workspace(lake, tmp_path, tmp_path_factory):
    there = install("requirements-databricks.txt", tmp_path_factory.mktemp("databricks"))

    assert dbt(there, lake, tmp_path, "parse", "--target", "databricks")[0] == 0
