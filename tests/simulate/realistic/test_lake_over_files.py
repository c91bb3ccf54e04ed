"""A lake that is built of the files has the numbers of the ground truth."""

from decimal import Decimal

import pytest

from shoplake import Lake

SETTINGS = '[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "Europe/London"\ncurrency = "GBP"\n'


@pytest.fixture(scope="module")
def lake(tmp_path_factory, shop):
    folder = tmp_path_factory.mktemp("lake")
    (folder / "shoplake.toml").write_text(SETTINGS.replace('"landing"', f'"{shop.folder}"'))
    lake = Lake.open(folder / "shoplake.toml")
    lake.run()
    return lake


@pytest.mark.parametrize("stream", ["events", "customers", "products", "order_lines", "payments", "ad_costs"])
def test_no_record_is_quarantined(lake, stream):
    assert lake.table(f"silver.{stream}_quarantine").count() == 0
    assert lake.table(f"silver.{stream}").count() > 0


def test_sales_by_day_and_currency_are_those_of_the_ground_truth(lake, shop):
    sql = "SELECT sales_date, currency, orders, gross_sales, discounts, returns, shipping FROM gold.sales_daily"
    rows = lake.sql(sql).to_arrow().to_pylist()
    truth = {
        (day, currency): (
            each["orders"],
            *(round(Decimal(each[name]), 2) for name in ("gross_sales", "discounts", "returns", "shipping")),
        )
        for day, currencies in shop.ground_truth["sales_daily"].items()
        for currency, each in currencies.items()
    }

    names = ("orders", "gross_sales", "discounts", "returns", "shipping")
    found = {(str(row["sales_date"]), row["currency"]): tuple(row[name] for name in names) for row in rows}
    assert {key: value for key, value in truth.items() if found.get(key) != value} == {}


def test_cancelled_orders_have_the_status_of_the_newest_version(lake, shop):
    sql = "SELECT count(DISTINCT order_id) AS n FROM silver.order_lines WHERE status = 'cancelled'"
    [row] = lake.sql(sql).to_arrow().to_pylist()

    assert row["n"] == shop.ground_truth["cancelled_orders"] > 0


def test_a_stock_out_is_a_gap_in_the_versions_of_a_product(lake, shop):
    """Whoever asks in the middle of a stock-out finds no version, and right after it one."""
    for product, starts_at, ends_at in shop.rows(
        f"SELECT * FROM read_parquet('{shop.folder}/ground_truth/stockouts.parquet')"
    ):
        sql = f"""SELECT count(*) AS n FROM silver.products WHERE product_id = '{product}'
            AND valid_from <= TIMESTAMP '{{0}}' AND (valid_to IS NULL OR valid_to > TIMESTAMP '{{0}}')"""
        middle = starts_at + (ends_at - starts_at) / 2
        counts = [lake.sql(sql.format(f"{at:%Y-%m-%d %H:%M:%S}")).to_arrow().to_pylist() for at in (middle, ends_at)]
        assert [rows[0]["n"] for rows in counts] == [0, 1]


def test_every_day_of_a_foreign_currency_has_a_rate(lake):
    sql = "SELECT sum(lines_without_rate) AS n FROM gold.product_performance_daily"

    assert lake.sql(sql).to_arrow().to_pylist() == [{"n": 0}]
