-- Recency, frequency and monetary value: scores, segments, their cut points and the moves between them.

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
            CAST(total(
                sum(amount) FILTER (is_net AND is_recent), count(*) FILTER (is_net AND is_recent)
            ) AS DECIMAL(18, 2)) AS monetary,
            count(DISTINCT order_id) FILTER (is_sale) AS lifetime_orders,
            CAST(total(sum(amount) FILTER (is_net), count(*) FILTER (is_net)) AS DECIMAL(18, 2)) AS lifetime_net,
            count(*) FILTER (lacks_rate AND is_net) AS lines_without_rate
        FROM (
            SELECT
                *,
                line_class = 'goods' AND kind = 'sale' AS is_sale,
                line_class = 'discount' OR line_class = 'goods' AND kind IN ('sale', 'return') AS is_net,
                order_date >= as_of_date - 365 AS is_recent
            FROM converted_lines
            CROSS JOIN (
                SELECT max(order_date) + 1 AS as_of_date
                FROM known_lines
                WHERE line_class = 'goods' AND kind = 'sale' AND NOT is_cancelled
            )
            WHERE customer_id IS NOT NULL AND order_date < as_of_date AND NOT is_cancelled
        )
        GROUP BY customer_id, as_of_date
        HAVING lifetime_orders > 0
    ), scored AS (
        SELECT
            '$feed' AS feed,
            *,
            CAST(ceil(5 * cume_dist() OVER (ORDER BY recency_days DESC)) AS INTEGER) AS recency_score,
            CAST(ceil(5 * cume_dist() OVER (ORDER BY frequency)) AS INTEGER) AS frequency_score,
            CASE WHEN monetary IS NOT NULL THEN CAST(
                ceil(5 * cume_dist() OVER (PARTITION BY monetary IS NULL ORDER BY monetary)) AS INTEGER
            ) END AS monetary_score,
            CASE WHEN lifetime_net IS NOT NULL THEN
                cume_dist() OVER (PARTITION BY lifetime_net IS NULL ORDER BY lifetime_net DESC)
            END AS better
        FROM figures
    )
    SELECT
        * EXCLUDE (better, lines_without_rate),
        CAST(recency_score AS VARCHAR) || frequency_score || monetary_score AS rfm,
        segment_of(recency_score, frequency, monetary_score, lifetime_orders) AS segment,
        CASE
            WHEN better <= 0.05 THEN 'platinum' WHEN better <= 0.20 THEN 'gold' WHEN better <= 0.50 THEN 'silver'
            WHEN better <= 1 THEN 'bronze'
        END AS value_tier,
        '$currency' AS currency,
        lines_without_rate
    FROM scored
) TO '$out/gold/customer_segments/data.parquet';

-- step: gold.segment_cutoffs
COPY (
    WITH scores AS (
        SELECT as_of_date, 'recency_days' AS measure, recency_score AS score, recency_days AS value
        FROM customer_segments
        UNION ALL
        SELECT as_of_date, 'frequency', frequency_score, frequency FROM customer_segments
        UNION ALL
        SELECT as_of_date, 'monetary', monetary_score, monetary FROM customer_segments
    )
    SELECT
        '$feed' AS feed,
        as_of_date, measure, score,
        CAST(min(value) AS DECIMAL(18, 2)) AS lowest_value,
        CAST(max(value) AS DECIMAL(18, 2)) AS highest_value,
        count(*) AS customers
    FROM scores
    WHERE score IS NOT NULL
    GROUP BY as_of_date, measure, score
) TO '$out/gold/segment_cutoffs/data.parquet';

-- step: gold.segment_moves_monthly
-- The state of each customer at the end of each complete month.
COPY (
    WITH activity AS (
        SELECT customer_id, activity_month, orders, net, last_order_date
        FROM customer_months
        WHERE customer_id IS NOT NULL AND (orders > 0 OR coalesce(net, 1) <> 0)
    ), ends AS (
        SELECT CAST(date_trunc('month', max(last_order_date) + 1) - INTERVAL 1 MONTH AS DATE) AS last_month
        FROM customer_months
    ), grid AS (
        SELECT
            customer_id,
            CAST(unnest(generate_series(first_month, last_month, INTERVAL 1 MONTH)) AS DATE) AS activity_month
        FROM (SELECT customer_id, min(activity_month) AS first_month FROM activity GROUP BY customer_id) CROSS JOIN ends
    ), states AS (
        SELECT
            customer_id, activity_month,
            CASE WHEN orders IS NULL THEN 0 ELSE net END AS net,
            date_diff(
                'day', max(last_order_date) OVER so_far, CAST(activity_month + INTERVAL 1 MONTH AS DATE)
            ) AS recency_days,
            coalesce(sum(orders) OVER year, 0) AS frequency,
            known_part(
                coalesce(sum(net) OVER year, 0), count(*) FILTER (orders IS NOT NULL AND net IS NULL) OVER year = 0
            ) AS monetary,
            sum(orders) OVER so_far AS lifetime_orders
        FROM grid LEFT JOIN activity USING (customer_id, activity_month)
        WINDOW
            so_far AS (PARTITION BY customer_id ORDER BY activity_month ROWS UNBOUNDED PRECEDING),
            year AS (PARTITION BY customer_id ORDER BY activity_month ROWS 11 PRECEDING)
    ), scored AS (
        SELECT
            *,
            ceil(5 * cume_dist() OVER (PARTITION BY activity_month ORDER BY recency_days DESC)) AS recency_score,
            CASE WHEN monetary IS NOT NULL THEN
                ceil(5 * cume_dist() OVER (PARTITION BY activity_month, monetary IS NULL ORDER BY monetary))
            END AS monetary_score
        FROM states
        WHERE lifetime_orders > 0
    ), moved AS (
        SELECT
            *,
            segment_of(recency_score, frequency, monetary_score, lifetime_orders) AS to_segment,
            coalesce(lag(to_segment) OVER (PARTITION BY customer_id ORDER BY activity_month), '(none)') AS from_segment
        FROM scored
    )
    SELECT
        '$feed' AS feed,
        activity_month AS move_month, from_segment, to_segment,
        count(*) AS customers,
        CAST(sum(net) AS DECIMAL(18, 2)) AS net
    FROM moved
    GROUP BY activity_month, from_segment, to_segment
) TO '$out/gold/segment_moves_monthly/data.parquet';
