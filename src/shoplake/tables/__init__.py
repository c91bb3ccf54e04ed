"""The tables of a shop, one file each: bronze, silver, gold; and the totals that must agree between them."""

from shoplake.declare.reconciliation import Reconciliation

IS_SOLD = "coalesce(status, '') <> 'cancelled'"
RECONCILIATIONS = (
    Reconciliation(
        "gold.sales_daily",
        "net sales differ from the order lines'",
        "SELECT sum(coalesce(gross_sales, 0) - coalesce(discounts, 0) - coalesce(returns, 0)) FROM gold.sales_daily",
        "SELECT cast(sum(amount) AS decimal(18,2)) FROM silver.order_lines "
        f"LEFT ANTI JOIN silver.cancelled_order_refunds USING (feed, order_id) WHERE {IS_SOLD} "
        "AND (line_class = 'discount' OR (line_class = 'goods' AND kind IN ('sale', 'return')))",
        tolerance_cents_per_row=1,
    ),
    Reconciliation(
        "gold.product_performance_daily",
        "gross sales differ from the order lines'",
        "SELECT sum(gross) FROM gold.product_performance_daily",
        "SELECT cast(sum(l.amount * CASE WHEN l.currency IS NULL OR upper(l.currency) = o.own THEN 1 ELSE r.rate END) "
        "AS decimal(18,2)) FROM silver.order_lines l "
        "JOIN (SELECT feed, max(currency) AS own FROM gold.product_performance_daily GROUP BY feed) o "
        "ON l.feed = o.feed "
        "LEFT JOIN silver.exchange_rate_periods r ON l.feed = r.feed AND upper(l.currency) = r.currency "
        "AND l.order_date >= r.first_date AND (r.last_date IS NULL OR l.order_date <= r.last_date) "
        f"WHERE {IS_SOLD} AND l.line_class = 'goods' AND l.kind = 'sale'",
        tolerance_cents_per_row=1,
    ),
    Reconciliation(
        "gold.purchases",
        "its rows are not the purchase events",
        "SELECT count(*) FROM gold.purchases",
        "SELECT count(*) FROM silver.events WHERE event_name = 'purchase'",
    ),
    Reconciliation(
        "silver.sessions",
        "its events are not all events",
        "SELECT sum(events) FROM silver.sessions",
        "SELECT count(*) FROM silver.events",
    ),
)
