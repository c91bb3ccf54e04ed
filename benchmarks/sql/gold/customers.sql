-- Customers: what each does on a day, in a month and in all.

-- step: gold.customer_days
COPY (
    WITH sales AS (
        SELECT
            customer_id,
            order_date AS activity_date,
            count(DISTINCT order_id) FILTER (is_sale AND NOT is_cancelled) AS orders,
            count(DISTINCT order_id) FILTER (is_sale AND is_cancelled) AS cancelled_orders,
            CAST(coalesce(sum(quantity) FILTER (is_sale AND NOT is_cancelled), 0) AS BIGINT) AS units,
            total(
                sum(amount) FILTER (is_sale AND NOT is_cancelled), count(*) FILTER (is_sale AND NOT is_cancelled)
            ) AS gross,
            unit(-total(sum(amount) FILTER (is_discount), count(*) FILTER (is_discount))) AS discounts,
            unit(-total(sum(amount) FILTER (is_return), count(*) FILTER (is_return))) AS returns,
            count(*) FILTER (lacks_rate AND NOT is_cancelled) AS lines_without_rate
        FROM (
            SELECT
                *,
                line_class = 'goods' AND kind = 'sale' AS is_sale,
                line_class = 'goods' AND kind = 'return' AND NOT is_cancelled AS is_return,
                line_class = 'discount' AND NOT is_cancelled AS is_discount
            FROM converted_lines
        )
        WHERE is_sale OR is_return OR is_discount
        GROUP BY customer_id, order_date
    ), margins AS (
        SELECT
            customer_id,
            order_date AS activity_date,
            unit(sum(CASE WHEN v.currency = '$currency' THEN margin ELSE converted(margin, rate) END)) AS margin
        FROM order_values AS v
        LEFT JOIN exchange_rate_periods AS p
            ON v.currency <> '$currency' AND p.currency = v.currency
            AND order_date BETWEEN p.first_date AND coalesce(p.last_date, order_date)
        WHERE kind = 'sale' AND NOT is_cancelled
        GROUP BY customer_id, order_date
    ), visits AS (
        SELECT
            i.person_id AS customer_id,
            s.session_date AS activity_date,
            count(*) AS sessions,
            CAST(sum(product_views) AS BIGINT) AS product_views,
            CAST(sum(add_to_carts) AS BIGINT) AS add_to_carts,
            min(s.started_at) AS first_session_at,
            arg_min(channel, (s.started_at, session_id)) AS first_channel,
            max(s.ended_at) AS last_session_at
        FROM sessions AS s
        JOIN session_identity AS i USING (session_id)
        WHERE NOT is_bot AND match <> 'none'
        GROUP BY i.person_id, s.session_date
    ), keys AS (
        SELECT customer_id, activity_date FROM sales
        UNION SELECT customer_id, activity_date FROM margins
        UNION SELECT customer_id, activity_date FROM visits
    )
    SELECT
        '$feed' AS feed,
        k.customer_id, k.activity_date,
        CAST(date_trunc('month', k.activity_date) AS DATE) AS activity_month,
        '$currency' AS currency,
        coalesce(orders, 0) AS orders,
        coalesce(cancelled_orders, 0) AS cancelled_orders,
        coalesce(units, 0) AS units,
        unit(CASE WHEN orders IS NULL THEN 0 ELSE gross END) AS gross,
        unit(CASE WHEN orders IS NULL THEN 0 ELSE discounts END) AS discounts,
        unit(CASE WHEN orders IS NULL THEN 0 ELSE returns END) AS returns,
        CASE WHEN orders IS NULL THEN 0 ELSE net_of(gross, discounts, returns) END AS net,
        margin,
        coalesce(lines_without_rate, 0) AS lines_without_rate,
        coalesce(sessions, 0) AS sessions,
        coalesce(product_views, 0) AS product_views,
        coalesce(add_to_carts, 0) AS add_to_carts,
        first_session_at,
        CASE WHEN sessions IS NOT NULL THEN k.activity_date END AS first_session_date,
        first_channel, last_session_at
    FROM keys AS k
    LEFT JOIN sales AS s ON s.customer_id IS NOT DISTINCT FROM k.customer_id AND s.activity_date = k.activity_date
    LEFT JOIN margins AS m ON m.customer_id IS NOT DISTINCT FROM k.customer_id AND m.activity_date = k.activity_date
    LEFT JOIN visits AS v ON v.customer_id = k.customer_id AND v.activity_date = k.activity_date
) TO '$out/gold/customer_days/data.parquet';

-- step: gold.customer_months
COPY (
    SELECT
        '$feed' AS feed,
        customer_id, activity_month,
        '$currency' AS currency,
        count(*) FILTER (orders > 0) AS order_days,
        min(activity_date) FILTER (orders > 0) AS first_order_date,
        max(activity_date) FILTER (orders > 0) AS last_order_date,
        CAST(sum(COLUMNS([
            'orders', 'cancelled_orders', 'units', 'lines_without_rate', 'sessions', 'product_views', 'add_to_carts'
        ])) AS BIGINT),
        sum_known(gross) AS gross,
        sum_known(discounts) AS discounts,
        sum_known(returns) AS returns,
        unit(sum(margin)) AS margin,
        net_of(sum_known(gross), sum_known(discounts), sum_known(returns)) AS net,
        min(first_session_at) AS first_session_at,
        arg_min(first_session_date, first_session_at) AS first_session_date,
        arg_min(first_channel, first_session_at) AS first_channel,
        max(last_session_at) AS last_session_at
    FROM customer_days
    GROUP BY customer_id, activity_month
) TO '$out/gold/customer_months/data.parquet';

-- step: gold.customer_facts
COPY (
    WITH devices AS (
        SELECT customer_id, count(*) AS devices FROM identity_links GROUP BY customer_id
    ), sums AS (
        SELECT
            customer_id,
            min(first_order_date) AS first_order_date,
            max(last_order_date) AS last_order_date,
            CAST(sum(COLUMNS([
                'order_days', 'orders', 'cancelled_orders', 'units', 'lines_without_rate', 'sessions', 'product_views',
                'add_to_carts'
            ])) AS BIGINT),
            sum_known(gross) AS gross,
            sum_known(discounts) AS discounts,
            sum_known(returns) AS returns,
            unit(sum(margin)) AS margin,
            net_of(sum_known(gross), sum_known(discounts), sum_known(returns)) AS net,
            min(first_session_at) AS first_session_at,
            arg_min(first_session_date, first_session_at) AS first_session_date,
            arg_min(first_channel, first_session_at) AS first_channel,
            max(last_session_at) AS last_session_at
        FROM customer_months
        WHERE customer_id IS NOT NULL
        GROUP BY customer_id
    )
    SELECT
        '$feed' AS feed,
        '$currency' AS currency,
        sums.*,
        CASE
            WHEN order_days > 1
            THEN divide(CAST(last_order_date - first_order_date AS DECIMAL(18, 4)), order_days - 1, 1)
        END AS days_between_orders,
        CASE WHEN first_session_date > first_order_date THEN '(none)' ELSE coalesce(first_channel, '(none)') END
            AS acquisition_channel,
        coalesce(devices, 0) AS devices
    FROM sums LEFT JOIN devices USING (customer_id)
) TO '$out/gold/customer_facts/data.parquet';

-- step: gold.customer_favourites
COPY (
    WITH lines AS (
        SELECT
            customer_id, category, channel,
            CASE WHEN v.currency = '$currency' THEN net ELSE converted(net, rate) END AS net
        FROM order_values AS v
        LEFT JOIN exchange_rate_periods AS p
            ON v.currency <> '$currency' AND p.currency = v.currency
            AND order_date BETWEEN p.first_date AND coalesce(p.last_date, order_date)
        WHERE kind = 'sale' AND NOT is_cancelled AND customer_id IS NOT NULL
    ), by_category AS (
        SELECT customer_id, category, coalesce(sum(net), 0) AS net
        FROM lines WHERE category IS NOT NULL GROUP BY customer_id, category
    ), by_channel AS (
        SELECT customer_id, channel, coalesce(sum(net), 0) AS net
        FROM lines WHERE channel <> '(none)' GROUP BY customer_id, channel
    ), categories AS (
        SELECT customer_id, first(category ORDER BY net DESC, category) AS favourite_category
        FROM by_category GROUP BY customer_id
    ), channels AS (
        SELECT customer_id, first(channel ORDER BY net DESC, channel) AS favourite_channel
        FROM by_channel GROUP BY customer_id
    )
    SELECT '$feed' AS feed, customer_id, favourite_category, favourite_channel
    FROM (SELECT DISTINCT customer_id FROM lines)
    LEFT JOIN categories USING (customer_id) LEFT JOIN channels USING (customer_id)
) TO '$out/gold/customer_favourites/data.parquet';
