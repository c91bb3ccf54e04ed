-- Order lines in the currency of the feed, and the performance of products on each day.

-- step: gold.converted_lines
-- A line of an order that is cancelled is cancelled, a refund of one too.
CREATE TEMP TABLE known_lines AS
SELECT
    l.* REPLACE (
        coalesce(upper(l.currency), '$currency') AS currency,
        CASE WHEN v.order_id IS NOT NULL THEN 'cancelled' ELSE l.status END AS status
    ),
    v.order_id IS NOT NULL OR l.status IS NOT DISTINCT FROM 'cancelled' AS is_cancelled
FROM order_lines AS l
LEFT JOIN cancelled_order_refunds AS v USING (order_id);
CREATE TEMP TABLE converted_lines AS
SELECT
    l.* REPLACE (CASE WHEN l.currency = '$currency' THEN amount ELSE converted(amount, rate) END AS amount),
    l.currency <> '$currency' AND rate IS NULL AS lacks_rate
FROM known_lines AS l
LEFT JOIN exchange_rate_periods AS p
    ON l.currency <> '$currency' AND p.currency = l.currency
    AND order_date BETWEEN p.first_date AND coalesce(p.last_date, order_date);

-- step: gold.product_performance_daily
COPY (
    WITH seen AS (
        SELECT
            product_id, event_date,
            CAST(sum(views) AS BIGINT) AS views,
            count(*) FILTER (views > 0) AS viewers,
            approx_count_distinct(visitor_id) FILTER (views > 0) AS approx_viewers,
            CAST(sum(carts) AS BIGINT) AS carts
        FROM product_visitors
        WHERE views + carts > 0
        GROUP BY product_id, event_date
    ), sold AS (
        SELECT
            product_id,
            order_date AS event_date,
            count(DISTINCT order_id) FILTER (kind = 'sale') AS orders,
            CAST(sum(quantity) FILTER (kind = 'sale') AS BIGINT) AS units,
            total(sum(amount) FILTER (kind = 'sale'), count(*) FILTER (kind = 'sale')) AS gross,
            -total(sum(amount) FILTER (kind = 'return'), count(*) FILTER (kind = 'return')) AS returns,
            count(*) FILTER (lacks_rate) AS lines_without_rate
        FROM converted_lines
        WHERE line_class = 'goods' AND kind IN ('sale', 'return') AND NOT is_cancelled
        GROUP BY product_id, order_date
    ), whole AS (
        SELECT
            '$feed' AS feed,
            product_id, event_date,
            coalesce(views, 0) AS views,
            coalesce(viewers, 0) AS viewers,
            coalesce(approx_viewers, 0) AS approx_viewers,
            coalesce(carts, 0) AS carts,
            coalesce(orders, 0) AS orders,
            coalesce(units, 0) AS units,
            CAST(CASE WHEN orders IS NULL THEN 0 ELSE gross END AS DECIMAL(18, 2)) AS gross,
            CAST(CASE WHEN orders IS NULL THEN 0 ELSE returns END AS DECIMAL(18, 2)) AS returns,
            coalesce(lines_without_rate, 0) AS lines_without_rate
        FROM seen FULL JOIN sold USING (product_id, event_date)
    )
    SELECT
        * EXCLUDE (lines_without_rate),
        CAST(gross - returns AS DECIMAL(18, 2)) AS net,
        orders / nullif(viewers, 0) AS conversion,
        CAST(row_number() OVER (
            PARTITION BY event_date ORDER BY gross DESC NULLS LAST, units DESC, product_id
        ) AS INTEGER) AS sales_rank,
        '$currency' AS currency,
        lines_without_rate
    FROM whole
) TO '$out/gold/product_performance_daily' (FORMAT parquet, PARTITION_BY (event_date));

