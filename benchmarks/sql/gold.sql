-- Gold tables.

-- step: gold.purchases
COPY (
    SELECT
        e.feed, event_id, order_id, event_at, event_date, e.visitor_id, customer_id, v.session_id, e.device, platform,
        coalesce(v.channel, 'direct') AS channel,
        e.product_id, product_name, category,
        coalesce(quantity, 1) AS quantity,
        coalesce(unit_price, price) AS unit_price,
        CAST(coalesce(quantity, 1) * coalesce(unit_price, price) AS DECIMAL(18, 2)) AS revenue,
        e.currency
    FROM (FROM events WHERE event_name = 'purchase') AS e
    ASOF LEFT JOIN products AS p ON p.product_id = e.product_id AND p.valid_from <= e.event_at
    ASOF LEFT JOIN sessions AS v ON v.visitor_id = e.visitor_id AND v.started_at <= e.event_at
) TO '$out/gold/purchases' (FORMAT parquet, PARTITION_BY (event_date));

-- step: gold.funnel_daily
COPY (
    WITH people AS (
        SELECT
            event_date,
            visitor_id,
            bool_or(event_name = 'page_view') AS has_page,
            bool_or(event_name = 'product_view') AS has_view,
            bool_or(event_name = 'add_to_cart') AS has_cart,
            bool_or(event_name = 'checkout_started') AS has_checkout,
            bool_or(event_name = 'purchase') AS has_bought
        FROM events
        WHERE NOT is_bot
        GROUP BY event_date, visitor_id
    ), seen AS (
        SELECT
            event_date,
            count(*) FILTER (has_page) AS page_view_visitors,
            count(*) FILTER (has_view) AS product_view_visitors,
            count(*) FILTER (has_cart) AS add_to_cart_visitors,
            count(*) FILTER (has_checkout) AS checkout_started_visitors,
            count(*) FILTER (has_bought) AS purchase_visitors
        FROM people
        GROUP BY event_date
    ), reached AS (
        SELECT
            session_date,
            count(*) FILTER (steps_reached >= 1) AS page_view_sessions,
            count(*) FILTER (steps_reached >= 2) AS product_view_sessions,
            count(*) FILTER (steps_reached >= 3) AS add_to_cart_sessions,
            count(*) FILTER (steps_reached >= 4) AS checkout_started_sessions,
            count(*) FILTER (steps_reached >= 5) AS purchase_sessions
        FROM sessions
        WHERE NOT is_bot
        GROUP BY session_date
    ), days AS (SELECT DISTINCT event_date FROM events)
    SELECT
        'shop' AS feed,
        days.event_date,
        coalesce(COLUMNS(seen.* EXCLUDE (event_date)), 0),
        coalesce(COLUMNS(reached.* EXCLUDE (session_date)), 0),
        add_to_cart_visitors / nullif(product_view_visitors, 0) AS view_to_cart_rate,
        purchase_visitors / nullif(add_to_cart_visitors, 0) AS cart_to_purchase_rate,
        purchase_visitors / nullif(product_view_visitors, 0) AS view_to_purchase_rate
    FROM days
    LEFT JOIN seen USING (event_date)
    LEFT JOIN reached ON session_date = days.event_date
) TO '$out/gold/funnel_daily/data.parquet';

-- step: gold.product_visitors
-- Events per visitor, product and day: both product tables count visitors from it.
CREATE TEMP TABLE product_visitors AS
SELECT
    product_id, event_date, visitor_id,
    count(*) FILTER (event_name = 'product_view') AS views,
    count(*) FILTER (event_name = 'add_to_cart') AS carts,
    count(*) FILTER (event_name = 'purchase') AS purchases
FROM events
WHERE NOT is_bot AND product_id IS NOT NULL
GROUP BY product_id, event_date, visitor_id;

-- step: gold.product_funnel
COPY (
    WITH people AS (
        SELECT
            product_id,
            bool_or(views > 0) AS has_viewed, bool_or(carts > 0) AS has_carted, bool_or(purchases > 0) AS has_bought
        FROM product_visitors
        GROUP BY product_id, visitor_id
    )
    SELECT
        'shop' AS feed,
        product_id,
        count(*) FILTER (has_viewed) AS unique_views,
        count(*) FILTER (has_carted) AS unique_addtocarts,
        count(*) FILTER (has_bought) AS unique_purchases,
        unique_addtocarts / nullif(unique_views, 0) AS view_to_cart_rate,
        unique_purchases / nullif(unique_addtocarts, 0) AS cart_to_purchase_rate,
        unique_purchases / nullif(unique_views, 0) AS view_to_purchase_rate
    FROM people
    GROUP BY product_id
    HAVING unique_views + unique_addtocarts + unique_purchases > 0
) TO '$out/gold/product_funnel/data.parquet';

-- step: gold.sales_daily
COPY (
    SELECT
        'shop' AS feed,
        order_date AS sales_date,
        upper(currency) AS currency,
        count(DISTINCT order_id) FILTER (line_class = 'goods' AND kind = 'sale') AS orders,
        count(DISTINCT customer_id) FILTER (line_class = 'goods' AND kind = 'sale') AS customers,
        CAST(coalesce(sum(quantity) FILTER (line_class = 'goods' AND kind = 'sale'), 0) AS BIGINT) AS units_sold,
        money(sum(amount) FILTER (line_class = 'goods' AND kind = 'sale')) AS gross_sales,
        -money(sum(amount) FILTER (line_class = 'discount')) AS discounts,
        -money(sum(amount) FILTER (line_class = 'goods' AND kind = 'return')) AS returns,
        CAST(gross_sales - discounts - returns AS DECIMAL(18, 2)) AS net_sales,
        CAST(sum(tax) FILTER (line_class IS NOT NULL) AS DECIMAL(18, 2)) AS tax,
        money(sum(amount) FILTER (line_class = 'shipping')) AS shipping,
        money(sum(amount) FILTER (line_class = 'other')) AS other,
        count(DISTINCT order_id) FILTER (is_cancelled_sale) AS cancelled_orders,
        money(sum(amount) FILTER (is_cancelled_sale)) AS cancelled_sales,
        CAST((gross_sales - discounts) / nullif(orders, 0) AS DECIMAL(18, 2)) AS average_order_value
    FROM (
        SELECT
            * EXCLUDE (line_class),
            line_class = 'goods' AND kind = 'sale' AND status IS NOT DISTINCT FROM 'cancelled' AS is_cancelled_sale,
            CASE WHEN status IS DISTINCT FROM 'cancelled' THEN line_class END AS line_class
        FROM order_lines
    )
    GROUP BY order_date, upper(currency)
) TO '$out/gold/sales_daily/data.parquet';

-- step: gold.converted_lines
-- Order lines with amounts in the currency of the feed.
CREATE TEMP TABLE converted_lines AS
SELECT
    l.* REPLACE (CASE WHEN is_foreign THEN CAST(amount * rate AS DECIMAL(18, 4)) ELSE amount END AS amount),
    is_foreign AND rate IS NULL AS lacks_rate
FROM (SELECT *, coalesce(upper(currency), '$currency') <> '$currency' AS is_foreign FROM order_lines) AS l
LEFT JOIN exchange_rate_periods AS p
    ON is_foreign AND p.currency = upper(l.currency)
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
            money(sum(amount) FILTER (kind = 'sale')) AS gross,
            -money(sum(amount) FILTER (kind = 'return')) AS returns,
            count(*) FILTER (lacks_rate) AS lines_without_rate
        FROM converted_lines
        WHERE line_class = 'goods' AND kind IN ('sale', 'return') AND status IS DISTINCT FROM 'cancelled'
        GROUP BY product_id, order_date
    ), whole AS (
        SELECT
            'shop' AS feed,
            product_id, event_date,
            coalesce(views, 0) AS views,
            coalesce(viewers, 0) AS viewers,
            coalesce(approx_viewers, 0) AS approx_viewers,
            coalesce(carts, 0) AS carts,
            coalesce(orders, 0) AS orders,
            coalesce(units, 0) AS units,
            money(gross) AS gross,
            money(returns) AS returns,
            coalesce(lines_without_rate, 0) AS lines_without_rate
        FROM seen FULL JOIN sold USING (product_id, event_date)
    )
    SELECT
        * EXCLUDE (lines_without_rate),
        CAST(gross - returns AS DECIMAL(18, 2)) AS net,
        orders / nullif(viewers, 0) AS conversion,
        CAST(row_number() OVER (
            PARTITION BY event_date ORDER BY gross DESC, units DESC, product_id
        ) AS INTEGER) AS sales_rank,
        '$currency' AS currency,
        lines_without_rate
    FROM whole
) TO '$out/gold/product_performance_daily' (FORMAT parquet, PARTITION_BY (event_date));

-- step: gold.customer_segments
COPY (
    WITH figures AS (
        SELECT
            customer_id,
            as_of_date,
            min(order_date) FILTER (is_sale) AS first_order_date,
            max(order_date) FILTER (is_sale) AS last_order_date,
            CAST(as_of_date - last_order_date AS INTEGER) AS recency_days,
            count(DISTINCT order_id) FILTER (is_sale AND is_recent) AS frequency,
            money(sum(amount) FILTER (is_net AND is_recent)) AS monetary,
            count(DISTINCT order_id) FILTER (is_sale) AS lifetime_orders,
            money(sum(amount) FILTER (is_net)) AS lifetime_net,
            count(*) FILTER (lacks_rate) AS lines_without_rate
        FROM (
            SELECT
                *,
                line_class = 'goods' AND kind = 'sale' AS is_sale,
                line_class = 'discount' OR line_class = 'goods' AND kind IN ('sale', 'return') AS is_net,
                order_date >= as_of_date - 365 AS is_recent
            FROM converted_lines
            CROSS JOIN (
                SELECT max(order_date) + 1 AS as_of_date
                FROM order_lines
                WHERE kind = 'sale' AND status IS DISTINCT FROM 'cancelled'
            )
            WHERE customer_id IS NOT NULL AND order_date < as_of_date AND status IS DISTINCT FROM 'cancelled'
        )
        GROUP BY customer_id, as_of_date
        HAVING lifetime_orders > 0
    ), scored AS (
        SELECT
            'shop' AS feed,
            *,
            CAST(ceil(5 * cume_dist() OVER (ORDER BY recency_days DESC)) AS INTEGER) AS recency_score,
            CAST(ceil(5 * cume_dist() OVER (ORDER BY frequency)) AS INTEGER) AS frequency_score,
            CAST(ceil(5 * cume_dist() OVER (ORDER BY monetary)) AS INTEGER) AS monetary_score,
            cume_dist() OVER (ORDER BY lifetime_net DESC) AS better
        FROM figures
    )
    SELECT
        * EXCLUDE (better, lines_without_rate),
        concat(recency_score, frequency_score, monetary_score) AS rfm,
        CASE
            WHEN recency_score >= 4 AND monetary_score >= 4 AND frequency >= 2 THEN 'champions'
            WHEN recency_score >= 3 AND frequency >= 2 THEN 'loyal'
            WHEN recency_score >= 4 AND lifetime_orders = 1 THEN 'new'
            WHEN recency_score >= 4 THEN 'promising'
            WHEN recency_score = 3 AND monetary_score >= 4 THEN 'big_spenders'
            WHEN recency_score = 3 THEN 'needs_attention'
            WHEN monetary_score >= 4 THEN 'cannot_lose'
            WHEN recency_score = 2 THEN 'at_risk'
            ELSE 'lost'
        END AS segment,
        CASE
            WHEN better <= 0.05 THEN 'platinum' WHEN better <= 0.20 THEN 'gold' WHEN better <= 0.50 THEN 'silver'
            ELSE 'bronze'
        END AS value_tier,
        '$currency' AS currency,
        lines_without_rate
    FROM scored
) TO '$out/gold/customer_segments/data.parquet';
