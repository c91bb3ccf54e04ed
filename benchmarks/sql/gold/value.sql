-- Customer value: histories for the models, what they expect, and everything that is known of a customer in one row.

-- step: gold.order_histories
CREATE TEMP TABLE order_histories AS
SELECT
    customer_id, as_of_date,
    order_days - 1 AS repeats,
    CAST(last_order_date - first_order_date AS INTEGER) AS last,
    CAST(as_of_date - first_order_date - 1 AS INTEGER) AS observed,
    CASE WHEN lines_without_rate = 0 THEN divide(net, order_days, 1) END AS mean_value
FROM customer_facts
CROSS JOIN (SELECT CAST(max(last_order_date) + 1 AS DATE) AS as_of_date FROM customer_months)
WHERE order_days > 0;

-- step: gold.customer_value_models
-- python: fit_models
COPY (
    SELECT
        '$feed' AS feed,
        max(as_of_date) AS as_of_date,
        count(*) AS customers,
        count(*) FILTER (repeats > 0) AS repeat_customers,
        any_value(COLUMNS(fitted_models.*))
    FROM order_histories CROSS JOIN fitted_models
    HAVING count(*) > 0
) TO '$out/gold/customer_value_models/data.parquet';

-- step: gold.customer_value
-- python: score_customers
COPY (
    SELECT
        '$feed' AS feed,
        customer_id, as_of_date, repeats, last, observed,
        repeats > 0 AS is_repeat,
        mean_value, p_alive, p_order_90d, expected_orders_90d, expected_orders_365d,
        CAST(round(value_per_order, 2) AS DECIMAL(18, 2)) AS expected_value,
        CAST(round(expected_orders_365d * value_per_order, 2) AS DECIMAL(18, 2)) AS value_365d
    FROM order_histories JOIN scored_customers USING (customer_id)
) TO '$out/gold/customer_value/data.parquet';

-- step: gold.customer_360
COPY (
    WITH on_record AS (
        SELECT customer_id, signup_date, location FROM customers WHERE is_current
    ), order_days AS (
        SELECT
            customer_id, activity_date,
            activity_date - lag(activity_date) OVER in_time AS gap,
            sum(orders) OVER (in_time ROWS UNBOUNDED PRECEDING) AS orders_so_far
        FROM customer_days
        WHERE customer_id IS NOT NULL AND orders > 0
        WINDOW in_time AS (PARTITION BY customer_id ORDER BY activity_date)
    ), gaps AS (
        SELECT
            customer_id,
            min(activity_date) FILTER (orders_so_far >= 2) AS second_order_date,
            CAST(second_order_date - min(activity_date) AS INTEGER) AS days_to_second_order,
            median(gap) AS median_days_between_orders,
            round(stddev_samp(gap) / avg(gap), 6) AS cv_days_between_orders
        FROM order_days
        GROUP BY customer_id
    )
    SELECT
        '$feed' AS feed,
        customer_id,
        today AS as_of_date,
        '$currency' AS currency,
        signup_date, location,
        first_session_at AS first_seen_at,
        last_session_at AS last_seen_at,
        coalesce(f.acquisition_channel, '(none)') AS acquisition_channel,
        favourite_channel, favourite_category, f.first_order_date, f.last_order_date,
        CAST(today - f.last_order_date AS INTEGER) AS days_since_last_order,
        days_between_orders,
        second_order_date, days_to_second_order, median_days_between_orders, cv_days_between_orders,
        coalesce(COLUMNS([
            'devices', 'orders', 'order_days', 'cancelled_orders', 'units', 'sessions', 'product_views', 'add_to_carts'
        ]), 0),
        coalesce(f.lines_without_rate, 0) AS lines_without_rate,
        CAST(CASE WHEN f.customer_id IS NULL THEN 0 ELSE gross END AS DECIMAL(18, 2)) AS gross,
        CAST(CASE WHEN f.customer_id IS NULL THEN 0 ELSE discounts END AS DECIMAL(18, 2)) AS discounts,
        CAST(CASE WHEN f.customer_id IS NULL THEN 0 ELSE returns END AS DECIMAL(18, 2)) AS returns,
        CAST(CASE WHEN f.customer_id IS NULL THEN 0 ELSE net END AS DECIMAL(18, 2)) AS net,
        CAST(margin AS DECIMAL(18, 2)) AS margin,
        CAST(CASE WHEN f.lines_without_rate = 0 THEN divide(f.gross - f.discounts, nullif(f.orders, 0), 100) END
            AS DECIMAL(18, 2)) AS average_order_value,
        ratio(f.discounts, f.gross) AS discount_rate,
        ratio(f.returns, f.gross) AS return_rate,
        recency_score, frequency_score, monetary_score, rfm, segment, value_tier,
        p_alive, expected_orders_90d, expected_orders_365d, value_365d,
        1 - p_order_90d AS churn_probability,
        CAST(NULL AS STRUCT(feature VARCHAR, "value" DOUBLE, contribution DOUBLE, "text" VARCHAR)[]) AS churn_reasons,
        CAST(NULL AS INTEGER) AS churn_model_version
    FROM customer_facts AS f
    FULL JOIN on_record USING (customer_id)
    LEFT JOIN customer_favourites USING (customer_id)
    LEFT JOIN customer_segments USING (customer_id)
    LEFT JOIN customer_value USING (customer_id)
    LEFT JOIN gaps USING (customer_id)
    CROSS JOIN (SELECT CAST(max(last_order_date) + 1 AS DATE) AS today FROM customer_months)
) TO '$out/gold/customer_360/data.parquet';
DROP TABLE order_histories;
