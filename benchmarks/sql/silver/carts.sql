-- Cart activity: a visitor's adds and removes until an hour passes without one, or a purchase and then another.

-- step: silver.cart_activity
COPY (
    WITH ordered AS (
        SELECT
            *,
            CASE event_name WHEN 'add_to_cart' THEN 0 WHEN 'remove_from_cart' THEN 1 ELSE 2 END AS priority,
            CASE event_name WHEN 'add_to_cart' THEN 1 WHEN 'remove_from_cart' THEN -1 ELSE 0 END * coalesce(quantity, 1)
                AS change
        FROM events
        WHERE event_name IN ('add_to_cart', 'remove_from_cart', 'purchase') AND NOT is_bot
    ), begun AS (
        SELECT
            *,
            coalesce(
                event_at - lag(event_at) OVER in_time > INTERVAL 1 HOUR
                    OR lag(priority) OVER in_time = 2 AND priority < 2,
                true
            ) AS is_first
        FROM ordered
        WINDOW in_time AS (PARTITION BY visitor_id ORDER BY event_at, priority, event_id)
    ), numbered AS (
        SELECT
            *,
            sum(CAST(is_first AS INTEGER)) OVER (
                PARTITION BY visitor_id ORDER BY event_at, priority, event_id ROWS UNBOUNDED PRECEDING
            ) AS period
        FROM begun
    ), content AS (
        SELECT
            visitor_id, period, product_id,
            CAST(sum(change) AS BIGINT) AS quantity,
            arg_max(
                {unit_price: unit_price, currency: currency, added_at: event_at, added_date: event_date},
                (event_at, event_id)
            ) FILTER (priority = 0) AS shown
        FROM numbered
        GROUP BY visitor_id, period, product_id
    ), items AS (
        SELECT
            visitor_id, period,
            list(
                {
                    product_id: product_id, quantity: quantity, unit_price: shown.unit_price, currency: shown.currency,
                    added_at: shown.added_at, added_date: shown.added_date
                }
                ORDER BY product_id
            ) AS items
        FROM content
        WHERE quantity > 0
        GROUP BY visitor_id, period
    ), whole AS (
        SELECT
            visitor_id, period,
            min(event_at) AS started_at,
            max(event_at) AS ended_at,
            any_value(event_date) FILTER (is_first) AS cart_date,
            count(*) FILTER (priority = 0) AS adds,
            count(*) FILTER (priority = 1) AS removes,
            max(event_at) FILTER (priority < 2) AS left_at,
            list({bought_at: event_at, product_id: product_id, order_id: order_id} ORDER BY event_at, product_id, order_id)
                FILTER (priority = 2) AS bought
        FROM numbered
        GROUP BY visitor_id, period
    )
    SELECT
        '$feed' AS feed,
        md5('$feed|' || visitor_id || '|' || epoch_us(started_at)) AS cart_id,
        * EXCLUDE (period, items, bought),
        coalesce(items, []) AS items,
        coalesce(bought, []) AS bought
    FROM whole LEFT JOIN items USING (visitor_id, period)
) TO '$out/silver/cart_activity/data.parquet';
