from collections import Counter
from decimal import Decimal

import pytest

CAMPAIGN = "coalesce({0}_source, ''), coalesce({0}_medium, ''), coalesce({0}_campaign, '')"


def truth(shop, subject, columns="*"):
    return shop.rows(f"SELECT {columns} FROM read_parquet('{shop.folder}/ground_truth/{subject}.parquet')")


def test_orders_and_revenue_of_a_channel_are_those_of_the_orders_that_it_led_to(shop):
    money = "sum(o.gross - o.discount)"
    caused = f"coalesce({money} FILTER (is_incremental), 0)::DECIMAL(18,4), count(*) FILTER (is_incremental)"
    totals = f"count(*), {caused}, {money}::DECIMAL(18,4)"
    sold = "orders o JOIN true_orders t USING (order_id) WHERE o.status <> 'cancelled' AND has_lead"
    files = shop.rows(f"SELECT {CAMPAIGN.format('lead')}, o.currency, {totals} FROM {sold} GROUP BY ALL")
    names = "coalesce(source, ''), coalesce(medium, ''), coalesce(campaign, '')"
    columns = f"{names}, currency, orders, incremental_revenue, incremental_orders, revenue"

    assert sorted(files) == sorted(truth(shop, "channels", columns))
    assert sum(row[6] for row in files) > 100


def test_an_incremental_order_has_a_visit_of_its_channel_at_most_three_weeks_before(shop):
    visits = "events JOIN true_events USING (event_id)"
    seen = f"""SELECT DISTINCT o.order_id FROM true_orders o JOIN ({visits}) v USING (person_id)
        WHERE v.utm_source = o.lead_source AND v.utm_medium = o.lead_medium
        AND v.event_at BETWEEN o.ordered_at - INTERVAL 21 DAY AND o.ordered_at"""
    caused = "SELECT order_id FROM true_orders WHERE is_incremental AND ordered_at > '2026-03-11'"

    assert shop.rows(f"{caused} EXCEPT ({seen})") == []
    assert len(shop.rows(caused)) > 100


def test_some_purchases_come_back_from_a_payment_provider_and_few_visits_from_the_shop(shop):
    count = "SELECT count(DISTINCT session_id) FROM events WHERE utm_medium = 'referral' AND "
    bought = shop.value("SELECT count(DISTINCT session_id) FROM events WHERE event_name = 'purchase'")

    back = shop.value(count + "event_name = 'purchase' AND utm_source IN ('paypal', 'klarna')")
    assert back == pytest.approx(0.1 * bought, rel=0.4)
    assert shop.value(count + "utm_source = 'www.zenith-shop.example'") > 10


def test_spend_has_a_line_per_day_and_paid_channel_with_visits(shop):
    spend = f"read_csv('{shop.folder}/spend/*.csv', header=true)"
    files = shop.rows(f"SELECT cost_date, source, campaign FROM {spend}")
    landed = "arg_min({}, event_at)"
    first = f"SELECT {landed.format('utm_source')} AS source, {landed.format('utm_campaign')} AS campaign, "
    first += "timezone('Europe/London', min(event_at))::DATE AS day FROM events GROUP BY session_id"
    paid = "source || campaign IN ('googlespring_sale', 'googlebrand', 'facebooklookalike', 'facebookretargeting',"

    visited = shop.rows(f"SELECT DISTINCT day, source, campaign FROM ({first}) WHERE {paid} 'partner-blogreviews')")

    assert sorted(files) == sorted(visited)
    assert shop.value(f"SELECT min(cost) FROM {spend}") > 0


def test_companions_are_in_more_baskets_of_their_product_than_of_others(shop):
    baskets = [{line["product_id"] for line in lines} for (lines,) in shop.rows("SELECT lines FROM first_orders")]
    pairs = truth(shop, "affinities")
    with_product = sum(product in basket for basket in baskets for product, _, _ in pairs)
    together = sum({product, companion} <= basket for basket in baskets for product, companion, _ in pairs)

    assert len(pairs) == 8
    assert together / with_product == pytest.approx(0.35, abs=0.12)


def test_nobody_orders_a_product_that_is_out_of_stock(shop):
    sold = "(SELECT ordered_at::TIMESTAMPTZ AS sold_at, unnest(lines).product_id AS product_id FROM order_versions)"
    out = f"read_parquet('{shop.folder}/ground_truth/stockouts.parquet')"

    during = f"{sold} JOIN {out} USING (product_id) WHERE sold_at >= starts_at AND sold_at < ends_at"
    assert shop.value(f"SELECT count(*) FROM {during}") == 0
    assert shop.value(f"SELECT count(*) FROM {sold} SEMI JOIN {out} USING (product_id)") > 20


def test_a_stock_out_is_a_deletion_and_an_insertion_and_no_snapshot_has_the_product(shop):
    changes = f"""read_json('{shop.folder}/product_changes/*.json', format='newline_delimited', auto_detect=false,
        columns={{op: 'VARCHAR', changed_at: 'TIMESTAMPTZ', product_id: 'VARCHAR'}})"""
    pairs = f"""SELECT product_id, max(changed_at) FILTER (op = 'delete'), max(changed_at) FILTER (op = 'insert')
        FROM {changes} GROUP BY ALL"""
    days = "regexp_extract(products.filename, '[0-9]{4}-[0-9]{2}-[0-9]{2}')::TIMESTAMPTZ + INTERVAL 2 HOUR"
    out = f"read_parquet('{shop.folder}/ground_truth/stockouts.parquet')"
    there = f"SELECT count(*) FROM products JOIN {out} USING (product_id) WHERE {days} BETWEEN starts_at AND ends_at"

    assert sorted(shop.rows(pairs)) == sorted(truth(shop, "stockouts"))
    assert shop.value(there) == 0


def test_the_prices_of_orders_change_when_the_ground_truth_says(shop):
    lines = """SELECT unnest(lines).product_id AS product, unnest(lines).unit_price AS price,
        ordered_at::TIMESTAMPTZ AS at FROM first_orders WHERE currency = 'GBP'"""
    prices = Counter()
    for product, price, at in sorted(shop.rows(lines)):
        changes = [row for row in truth(shop, "price_changes") if row[0] == product]
        if changes:
            valid = max((row for row in changes if row[1] <= at), key=lambda row: row[1], default=None)
            expected = valid[3] if valid else min(changes, key=lambda row: row[1])[2]
            prices[price == expected] += 1

    assert prices[False] == 0 < prices[True]


def test_some_unit_prices_have_parts_of_a_cent(shop):
    prices = {price for (price,) in shop.rows("SELECT unnest(lines).unit_price FROM orders")}

    assert {price % Decimal("0.01") for price in prices} >= {Decimal("0.0000"), Decimal("0.0033")}
