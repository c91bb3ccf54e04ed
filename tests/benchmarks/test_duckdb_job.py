from __future__ import annotations

import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from shoplake.simulate import GroundTruth, generate

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import duckdb_job

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Job:
    ground_truth: GroundTruth
    out: Path
    report: dict[str, Any]

    @property
    def rows(self) -> dict[str, int]:
        return self.report["rows"]

    def ask(self, table: str, question: str) -> Any:
        source = f"read_parquet('{self.out}/{table}/**/*.parquet', hive_partitioning = true)"
        with duckdb.connect() as connection:
            return connection.execute(f"SELECT {question} FROM {source}").fetchone()


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Job]:
    folder = tmp_path_factory.mktemp("duckdb")
    landing = folder / "landing"
    ground_truth = generate(landing, events=5_000, customers=300, products=100, days=30, seed=7, error_rate=0.05)
    yield Job(ground_truth, folder / "out", duckdb_job.run(landing, folder / "out", memory="1GB"))


def test_every_record_is_in_bronze(job: Job) -> None:
    for stream, lines in job.ground_truth["lines"].items():
        assert job.rows[f"bronze.{stream}_raw"] == lines


def test_events_are_those_of_the_ground_truth_once_each(job: Job) -> None:
    assert job.rows["silver.events"] == job.ground_truth["events"]
    assert job.ask("silver/events", "count(DISTINCT event_id)") == (job.ground_truth["events"],)
    assert job.ask("silver/events", "count(*) FILTER (is_bot)") == (job.ground_truth["bot_events"],)


def test_duplicates_are_neither_valid_nor_quarantined(job: Job) -> None:
    stored = job.rows["silver.events"] + job.rows["silver.events_quarantine"]

    assert job.rows["bronze.events_raw"] - stored == sum(job.ground_truth["duplicates"]["events"].values())


@pytest.mark.parametrize(
    ("table", "stream"),
    [("events", "events"), ("customers", "customers"), ("products", "products"), ("order_lines", "orders")],
)
def test_invalid_records_are_quarantined_with_reason_and_text(job: Job, table: str, stream: str) -> None:
    invalid = sum(job.ground_truth["quarantined"][stream].values())

    assert job.rows[f"silver.{table}_quarantine"] == invalid
    assert job.ask(f"silver/{table}_quarantine", "count(raw), count(*) FILTER (len(reasons) > 0)") == (invalid, invalid)


@pytest.mark.parametrize("table", ["customers", "products"])
def test_every_change_creates_a_version_and_nothing_else_does(job: Job, table: str) -> None:
    assert job.rows[f"silver.{table}"] == job.ground_truth[table]["versions"]  # type: ignore[literal-required]


def test_sales_are_those_of_the_ground_truth(job: Job) -> None:
    result = job.ask("gold/sales_daily", "sum(orders), sum(units_sold), sum(net_sales), sum(shipping), sum(returns)")

    ground_truth = job.ground_truth
    money = [Decimal(ground_truth["net_sales"]), Decimal(ground_truth["shipping"]), Decimal(ground_truth["returns"])]
    assert list(result) == [ground_truth["orders"], ground_truth["units"], *money]


def test_payments_are_those_of_the_ground_truth(job: Job) -> None:
    question = (
        "count(*) FILTER (status = 'paid'), sum(amount) FILTER (status = 'paid'), count(*) FILTER (kind = 'refund')"
    )
    paid = job.ground_truth["payments"]

    expected = (paid["paid"], Decimal(paid["paid_total"]), job.ground_truth["refunds"])
    assert job.ask("silver/payments", question) == expected


def test_revenue_of_the_events_is_that_of_the_ground_truth(job: Job) -> None:
    assert job.ask("gold/purchases", "sum(revenue)") == (Decimal(job.ground_truth["event_revenue"]),)


def test_a_purchase_has_its_product_version(job: Job) -> None:
    assert job.ask("gold/purchases", "count(*) FILTER (category IS NULL)") == (0,)


def test_sessions_and_the_funnel_are_those_of_the_ground_truth(job: Job) -> None:
    columns = [f"{step}_{what}" for what in ("visitors", "sessions") for step in job.ground_truth["funnel_visitors"]]
    result = job.ask("gold/funnel_daily", ", ".join(f"sum({name})" for name in columns))

    daily, sessions = job.ground_truth["funnel_daily"].values(), job.ground_truth["funnel_sessions_daily"].values()
    steps = job.ground_truth["funnel_visitors"]
    assert list(result) == [sum(day[step] for day in days) for days in (daily, sessions) for step in steps]
    assert job.rows["silver.sessions"] == job.ground_truth["sessions"]


@pytest.mark.slow
def test_a_stream_without_files_is_an_empty_table(tmp_path: Path) -> None:
    generate(tmp_path / "landing", events=3_000, customers=10, products=10, days=1)
    for file in (tmp_path / "landing").glob("refunds/*"):
        file.unlink()

    assert duckdb_job.run(tmp_path / "landing", tmp_path / "out", memory="1GB")["rows"]["bronze.refunds_raw"] == 0
