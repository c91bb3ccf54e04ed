-- Cohorts: customers by the period of their first order, and what they do in the periods from it on.

-- step: gold.cohorts_monthly
COPY (
    WITH ends AS (
        SELECT max(last_order_date) AS last_on FROM customer_months
    ), members AS (
        SELECT
            customer_id,
            CAST(date_trunc('month', first_order_date) AS DATE) AS cohort,
            unnest(['all', acquisition_channel]) AS acquisition_channel
        FROM customer_facts
        WHERE first_order_date IS NOT NULL
    ), sizes AS (
        SELECT cohort, acquisition_channel, count(*) AS customers FROM members GROUP BY ALL
    ), activity AS (
        SELECT
            customer_id, cohort, acquisition_channel,
            greatest(date_diff('month', cohort, CAST(date_trunc('month', activity_month) AS DATE)), 0) AS number,
            orders, net, margin
        FROM customer_months JOIN members USING (customer_id)
    ), cells AS (
        SELECT
            cohort, acquisition_channel, number,
            count(DISTINCT customer_id) FILTER (orders > 0) AS active,
            sum(orders) AS orders, sum_known(net) AS net, sum(margin) AS margin
        FROM activity
        GROUP BY ALL
    ), last_seen AS (
        SELECT cohort, acquisition_channel, number, count(*) AS leavers
        FROM (
            SELECT cohort, acquisition_channel, customer_id, max(number) AS number
            FROM activity WHERE orders > 0 GROUP BY ALL
        )
        GROUP BY ALL
    ), dense AS (
        SELECT
            *,
            unnest(range(date_diff('month', cohort, CAST(date_trunc('month', last_on) AS DATE)) + 1)) AS number
        FROM sizes CROSS JOIN ends
    ), filled AS (
        SELECT
            *,
            unit(CASE WHEN orders IS NULL THEN 0 ELSE net END) AS known_net,
            known_part(
                coalesce(sum(known_net) OVER so_far, 0), count(*) FILTER (known_net IS NULL) OVER so_far = 0
            ) AS net_so_far,
            sum(margin) OVER so_far AS margin_so_far,
            sum(leavers) OVER (so_far_key ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS leavers_from_now
        FROM dense
        LEFT JOIN cells USING (cohort, acquisition_channel, number)
        LEFT JOIN last_seen USING (cohort, acquisition_channel, number)
        WINDOW
            so_far AS (PARTITION BY cohort, acquisition_channel ORDER BY number ROWS UNBOUNDED PRECEDING),
            so_far_key AS (PARTITION BY cohort, acquisition_channel ORDER BY number)
    )
    SELECT
        '$feed' AS feed,
        cohort AS cohort_month, acquisition_channel,
        CAST(number AS INTEGER) AS month_number,
        '$currency' AS currency,
        customers,
        coalesce(active, 0) AS active,
        CAST(coalesce(leavers_from_now, 0) AS BIGINT) AS returned_ever_after,
        ratio(coalesce(active, 0), customers) AS retention,
        CAST(coalesce(orders, 0) AS BIGINT) AS orders,
        CAST(known_net AS DECIMAL(18, 2)) AS net,
        CAST(margin AS DECIMAL(18, 2)) AS margin,
        CAST(net_so_far AS DECIMAL(18, 2)) AS net_to_date,
        CAST(divide(net_so_far, customers, 100) AS DECIMAL(18, 2)) AS net_to_date_per_customer,
        CAST(divide(margin_so_far, customers, 100) AS DECIMAL(18, 2)) AS margin_to_date_per_customer,
        cohort + to_months(CAST(number + 1 AS INTEGER)) <= last_on + 1 AS is_complete
    FROM filled
) TO '$out/gold/cohorts_monthly/data.parquet';

-- step: gold.cohorts_weekly
COPY (
    WITH ends AS (
        SELECT max(last_order_date) AS last_on FROM customer_months
    ), members AS (
        SELECT
            customer_id,
            CAST(date_trunc('week', first_order_date) AS DATE) AS cohort,
            unnest(['all', acquisition_channel]) AS acquisition_channel
        FROM customer_facts
        WHERE first_order_date IS NOT NULL
    ), sizes AS (
        SELECT cohort, acquisition_channel, count(*) AS customers FROM members GROUP BY ALL
    ), activity AS (
        SELECT
            customer_id, cohort, acquisition_channel,
            greatest(date_diff('week', cohort, CAST(date_trunc('week', activity_date) AS DATE)), 0) AS number,
            orders, net, margin
        FROM customer_days JOIN members USING (customer_id)
    ), cells AS (
        SELECT
            cohort, acquisition_channel, number,
            count(DISTINCT customer_id) FILTER (orders > 0) AS active,
            sum(orders) AS orders, sum_known(net) AS net, sum(margin) AS margin
        FROM activity
        GROUP BY ALL
    ), last_seen AS (
        SELECT cohort, acquisition_channel, number, count(*) AS leavers
        FROM (
            SELECT cohort, acquisition_channel, customer_id, max(number) AS number
            FROM activity WHERE orders > 0 GROUP BY ALL
        )
        GROUP BY ALL
    ), dense AS (
        SELECT
            *,
            unnest(range(date_diff('week', cohort, CAST(date_trunc('week', last_on) AS DATE)) + 1)) AS number
        FROM sizes CROSS JOIN ends
    ), filled AS (
        SELECT
            *,
            unit(CASE WHEN orders IS NULL THEN 0 ELSE net END) AS known_net,
            known_part(
                coalesce(sum(known_net) OVER so_far, 0), count(*) FILTER (known_net IS NULL) OVER so_far = 0
            ) AS net_so_far,
            sum(margin) OVER so_far AS margin_so_far,
            sum(leavers) OVER (so_far_key ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS leavers_from_now
        FROM dense
        LEFT JOIN cells USING (cohort, acquisition_channel, number)
        LEFT JOIN last_seen USING (cohort, acquisition_channel, number)
        WINDOW
            so_far AS (PARTITION BY cohort, acquisition_channel ORDER BY number ROWS UNBOUNDED PRECEDING),
            so_far_key AS (PARTITION BY cohort, acquisition_channel ORDER BY number)
    )
    SELECT
        '$feed' AS feed,
        cohort AS cohort_week_date, acquisition_channel,
        CAST(number AS INTEGER) AS week_number,
        '$currency' AS currency,
        customers,
        coalesce(active, 0) AS active,
        CAST(coalesce(leavers_from_now, 0) AS BIGINT) AS returned_ever_after,
        ratio(coalesce(active, 0), customers) AS retention,
        CAST(coalesce(orders, 0) AS BIGINT) AS orders,
        CAST(known_net AS DECIMAL(18, 2)) AS net,
        CAST(margin AS DECIMAL(18, 2)) AS margin,
        CAST(net_so_far AS DECIMAL(18, 2)) AS net_to_date,
        CAST(divide(net_so_far, customers, 100) AS DECIMAL(18, 2)) AS net_to_date_per_customer,
        CAST(divide(margin_so_far, customers, 100) AS DECIMAL(18, 2)) AS margin_to_date_per_customer,
        cohort + to_weeks(CAST(number + 1 AS INTEGER)) <= last_on + 1 AS is_complete
    FROM filled
) TO '$out/gold/cohorts_weekly/data.parquet';
