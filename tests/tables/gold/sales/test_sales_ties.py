import pytest
from deltalake import DeltaTable

from shoplake.operations.integrity.ties import tie_problems
from shoplake.transforms.customers.value_measures import ADDITIVE
from shoplake.transforms.sales.sales_ties import SUMS

from .shop import new_lake

pytestmark = pytest.mark.slow  # a lake of all sales tables; tests/operations/test_ties.py is quick


MARTS = ("sales_daily", "sales_by_country_daily", "sales_by_category_daily", "sales_by_channel_daily")


@pytest.fixture
def problems(shop):
    """The problems of the lake while a query changes one of its tables."""
    lake = new_lake(shop)

    def problems(table, changes, where):
        stored = DeltaTable(lake.path(f"gold.{table}"))
        before = stored.version()
        assert stored.update(changes, predicate=where)["num_updated_rows"] == 1
        output = [str(each) for each in tie_problems(lake.engine, lake.catalog)]
        stored.restore(before)
        return output

    return problems


def test_the_sums_of_every_table_are_those_of_the_order_lines(shop):
    lake = new_lake(shop)

    assert list(tie_problems(lake.engine, lake.catalog)) == []


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("sales_by_country_daily", "country = 'FR' AND sales_date = '2026-03-03'"),
        pytest.param(
            "sales_by_category_daily", "category = '(unknown)' AND sales_date = '2026-03-02'", marks=pytest.mark.slow
        ),
        pytest.param(
            "sales_by_channel_daily", "channel = 'paid_search' AND sales_date = '2026-03-03'", marks=pytest.mark.slow
        ),
    ],
)
def test_one_cent_in_a_mart_is_named_with_its_tie_day_and_difference(problems, table, where):
    day = where[-11:-1]
    currency = "EUR" if "paid" in where else "GBP"

    sums, net = problems(table, {"gross_sales": "gross_sales + 0.01"}, where)

    assert sums.startswith(f"gold.{table}: the sum over ")
    assert sums.endswith(f"feed shop, sales_date {day}, currency {currency}: gross_sales differs by +0.01")
    assert net.startswith(f"gold.{table}: net_sales is not gross_sales - discounts - returns: ")


def test_one_cent_in_sales_daily_is_named_by_its_own_tie_and_those_of_the_marts(problems):
    output = problems("sales_daily", {"returns": "returns - 0.01"}, "sales_date = '2026-03-20'")

    assert sorted({line.split(":")[0] for line in output}) == sorted(f"gold.{name}" for name in MARTS)
    assert "sales_date 2026-03-20, currency GBP: returns differs by -0.01" in "\n".join(output)


@pytest.mark.parametrize("column", ["gross", pytest.param("discount", marks=pytest.mark.slow)])
def test_a_hundredth_of_a_cent_in_an_order_value_is_named(problems, column):
    where = "order_id = 'O3' AND line_number = 1"

    first, *_ = problems("order_values", {column: f"{column} + 0.0001"}, where)

    assert first.startswith("gold.order_values: amounts are not those of silver.order_lines: feed shop, day 2026-03-03")
    assert first.endswith("differs by +0.0001")


def test_the_ties_add_up_every_additive_measure():
    assert {*SUMS, "net_sales"} == set(ADDITIVE)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"order_revenue": "order_revenue + 0.01"}, "revenue differs by -0.01"),
        pytest.param({"refund": "refund - 0.01"}, "received differs by -0.01", marks=pytest.mark.slow),
        pytest.param({"paid": "paid + 0.01"}, "paid differs by -0.01", marks=pytest.mark.slow),
    ],
)
def test_one_cent_in_the_reconciliation_of_an_order_is_named(problems, changes, expected):
    output = problems("reconciliation_orders", changes, "order_id = 'O1'")

    tie = "gold.reconciliation_orders: the causes of an order do not lead from its events to its payments: "
    assert f"{tie}feed shop, order_id O1, order_date 2026-03-02: {expected}" in output


def test_one_cent_in_the_reconciliation_of_a_day_is_named(problems):
    where = "order_date = '2026-03-02' AND cause = 'shipping'"

    [problem] = problems("reconciliation_daily", {"amount": "amount + 0.01"}, where)

    assert problem == (
        "gold.reconciliation_daily: the causes of a day are not those of its orders: "
        "feed shop, order_date 2026-03-02: amount differs by +0.01"
    )
