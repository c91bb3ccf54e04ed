"""A lake that is built of the files has the numbers of the ground truth."""

from decimal import Decimal

import pytest
from few_tables import few_tables
from reliability.lakes import BRONZE

from shoplake import Lake

pytestmark = pytest.mark.slow  # builds a lake of a whole shop; tests/test_lake.py has a ground truth of few tables
SETTINGS = '[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "Europe/London"\ncurrency = "GBP"\n'


TABLES = (*BRONZE, "ad_costs", "customers", "event_identity", "reconciliation_orders", "sales_daily", "stockout_days")
TABLES += ("product_affinity", "recommendations")
"""Those that have a ground truth, with what they read."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory, shop):
    folder = tmp_path_factory.mktemp("lake")
    (folder / "shoplake.toml").write_text(SETTINGS.replace('"landing"', f'"{shop.folder}"'))
    with few_tables(TABLES):
        lake = Lake.open(folder / "shoplake.toml")
        lake.run()
        yield lake


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


def loaded(lake, shop, *tables):
    """Loads tables of the lake into DuckDB, beside the files of the shop."""
    for name in tables:
        shop.duckdb.register(name.replace(".", "_"), lake.table(name).to_arrow())


def test_each_cause_of_reconciliation_is_that_of_the_ground_truth_order_by_order(lake, shop):
    """`currency` is in the ground truth once per currency, `rounding` between an order and its whole cents."""
    loaded(lake, shop, "gold.reconciliation_orders")
    truth = shop.rows(f"""
        SELECT t.order_id, replace(t.cause, 'currency', 'currency_differs') AS cause, sum(t.amount) AS amount
        FROM read_parquet('{shop.folder}/ground_truth/reconciliation.parquet') t
        JOIN gold_reconciliation_orders o ON t.order_id = o.order_id AND t.currency = o.currency
        WHERE t.cause <> 'rounding' GROUP BY ALL""")
    causes = sorted({cause for _, cause, _ in truth})

    names = ", ".join(causes)
    answer = shop.rows(f"""
        UNPIVOT (SELECT order_id, {names} FROM gold_reconciliation_orders) ON {names}
        INTO NAME cause VALUE amount""")

    assert {(order, cause): amount for order, cause, amount in answer if amount} == {
        (order, cause): amount for order, cause, amount in truth if amount
    }
    assert len(causes) >= 12
    assert shop.value("SELECT count(*) FROM gold_reconciliation_orders WHERE unexplained <> 0") == 0


def test_events_are_given_to_the_person_who_made_them(lake, shop):
    """By login always; of those before a first login nearly all."""
    loaded(lake, shop, "silver.event_identity")
    rows = shop.rows(f"""
        SELECT e.match, count(*), count_if(c.person_id = t.person_id)
        FROM silver_event_identity e
        JOIN read_parquet('{shop.folder}/ground_truth/events.parquet') t USING (event_id)
        JOIN read_parquet('{shop.folder}/ground_truth/customers.parquet') c ON e.person_id = c.customer_id
        GROUP BY e.match""")

    right = {match: correct / count for match, count, correct in rows if match != "none"}
    assert right.keys() == {"own", "session", "backward"}
    assert right["own"] == right["session"] == 1 and right["backward"] >= 0.98


def test_days_without_stock_are_those_of_the_ground_truth(lake, shop):
    loaded(lake, shop, "gold.stockout_days")
    missing = shop.rows(f"""
        SELECT t.product_id, d.day::DATE FROM read_parquet('{shop.folder}/ground_truth/stockouts.parquet') t,
            generate_series(timezone('Europe/London', t.starts_at)::DATE + 1,
                timezone('Europe/London', t.ends_at)::DATE - 1, INTERVAL 1 DAY) d(day)
        WHERE NOT EXISTS (SELECT 1 FROM gold_stockout_days s
            WHERE s.product_id = t.product_id AND s.stockout_date = d.day AND s.is_whole_day)""")

    assert missing == []
    assert shop.value("SELECT count(*) FROM gold_stockout_days") > 0


def test_planted_companions_are_among_the_first_five_of_a_product(lake, shop):
    loaded(lake, shop, "gold.product_affinity")
    rows = shop.rows(f"""
        SELECT count(*), count_if(EXISTS (SELECT 1 FROM (
            SELECT product_a AS one, product_b AS other, llr FROM gold_product_affinity
            WHERE unit = 'basket' AND lift > 1
            UNION ALL SELECT product_b, product_a, llr FROM gold_product_affinity WHERE unit = 'basket' AND lift > 1
        ) p WHERE p.one = t.product_id AND p.other = t.companion_id
            QUALIFY row_number() OVER (PARTITION BY p.one ORDER BY p.llr DESC) <= 5))
        FROM read_parquet('{shop.folder}/ground_truth/affinities.parquet') t""")

    [(planted, among_them)] = rows
    assert planted > 0 and among_them / planted >= 0.8


def test_all_ties_hold(lake):
    assert lake.verify() == []


def test_planted_partners_are_among_the_first_five_recommendations(lake, shop):
    loaded(lake, shop, "gold.recommendations")
    found = shop.rows(f"""
        SELECT t.product_id, t.companion_id, r.rank FROM read_parquet('{shop.folder}/ground_truth/affinities.parquet') t
        LEFT JOIN gold_recommendations r ON r.kind = 'together' AND r.product_id = t.product_id
        AND r.recommended_id = t.companion_id""")

    assert sum(rank is not None and rank <= 5 for *_, rank in found) >= 0.8 * len(found) > 0, found
