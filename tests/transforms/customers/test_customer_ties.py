import pytest
from deltalake import DeltaTable
from reliability.lakes import drop, lake_at
from sample_customers import history

from shoplake.operations.integrity.ties import tie_problems

TABLES = ("customer_360", "cohorts_monthly", "cohorts_weekly")


pytestmark = pytest.mark.slow  # a lake of all customers' tables; tests/tables/gold/sales/test_sales_ties.py is quick


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """The lake of a small shop in pounds, with an order in euros."""
    folder = tmp_path_factory.mktemp("ties")
    orders, refunds, events = history()
    for each in (orders[0], *(refund for refund in refunds if refund["order_id"] == orders[0]["order_id"])):
        each["currency"] = "EUR"
    drop(folder / "landing", "orders/a.json", *orders)
    drop(folder / "landing", "refunds/a.json", *refunds)
    drop(folder / "landing", "events/a.json", *events[:5])
    drop(folder / "landing", "exchange_rates/a.csv", "rate_date,currency,rate", "2026-01-01,EUR,0.8333")
    lake = lake_at(folder / "lake", folder / "landing", tables=TABLES)
    lake.run()
    return lake


@pytest.fixture
def problems(lake):
    """The problems of the lake while a query changes one row of one of its tables."""

    def problems(table, changes, where):
        stored = DeltaTable(lake.path(f"gold.{table}"))
        before = stored.version()
        assert stored.update(changes, predicate=where)["num_updated_rows"] >= 1
        output = [str(each) for each in tie_problems(lake.engine, lake.catalog)]
        stored.restore(before)
        return [line for line in output if line.startswith(f"gold.{table}:")]

    return problems


def test_the_amounts_of_customers_and_guests_are_those_of_the_order_lines(lake):
    assert list(tie_problems(lake.engine, lake.catalog)) == []


@pytest.mark.parametrize(
    "measure",
    ["gross", pytest.param("discounts", marks=pytest.mark.slow), pytest.param("returns", marks=pytest.mark.slow)],
)
def test_a_hundredth_of_a_cent_of_a_guest_is_named(problems, measure):
    [problem] = problems("customer_days", {measure: f"{measure} + 0.0001"}, "activity_date = '2026-06-10'")[:1]

    assert f"feed shop, activity_date 2026-06-10: {measure} differs by +0.0001" in problem


def test_a_session_too_many_in_a_month_is_named(problems):
    [problem] = problems("customer_months", {"sessions": "sessions + 1"}, "customer_id = 'eve'")

    assert "customer_id eve, activity_month 2026-03-01: sessions differs by +1" in problem


def test_a_cent_of_a_customer_is_named(problems):
    [problem] = problems("customer_360", {"net": "net - 0.01"}, "customer_id = 'ann'")

    assert problem.endswith(
        "amounts of a customer are not those of the months: feed shop, customer_id ann: net differs by -0.01"
    )


@pytest.mark.parametrize(
    ("table", "number"),
    [("cohorts_monthly", "month_number"), pytest.param("cohorts_weekly", "week_number", marks=pytest.mark.slow)],
)
def test_a_customer_too_many_in_a_cohort_is_named(problems, table, number):
    changes = {"customers": "customers + 1"}

    output = problems(table, changes, f"{number} = 0 AND acquisition_channel = 'all'")

    assert len(output) == 1
    assert "cohorts do not have the customers who ever ordered: feed shop, acquisition_channel all" in output[0]


@pytest.mark.parametrize(
    ("table", "number"),
    [("cohorts_monthly", "month_number"), pytest.param("cohorts_weekly", "week_number", marks=pytest.mark.slow)],
)
def test_a_cent_of_a_cohort_is_named(problems, table, number):
    [problem] = problems(table, {"net": "net + 0.01"}, f"{number} = 0 AND acquisition_channel = 'all' AND net > 0")[:1]

    assert "net and orders of a cohort are not those of its customers: feed shop, cohort " in problem
    assert "number 0: net differs by +0.01" in problem
