-- Products: what is bought and viewed together, returned, out of stock, and at changed prices.

-- step: gold.baskets
-- The products of an order or a session on a day; of more than 100 a sample, by the hash of basket and product.
CREATE TEMP TABLE baskets AS
WITH bought AS (
    SELECT 'basket' AS unit, order_date AS basket_date, 'order ' || order_id AS basket_id, product_id
    FROM order_lines
    WHERE line_class = 'goods' AND kind = 'sale' AND product_id IS NOT NULL AND status IS DISTINCT FROM 'cancelled'
), viewed AS (
    SELECT 'session' AS unit, e.event_date AS basket_date, 'session ' || s.session_id AS basket_id, e.product_id
    FROM (FROM events WHERE event_name = 'product_view' AND product_id IS NOT NULL) AS e
    ASOF JOIN (FROM sessions WHERE NOT is_bot AND product_views > 0) AS s
        ON s.visitor_id = e.visitor_id AND s.started_at <= e.event_at
    WHERE e.event_at <= s.ended_at
)
SELECT
    unit, basket_date, basket_id, product_id,
    count(*) OVER (PARTITION BY unit, basket_date, basket_id) AS products
FROM (SELECT DISTINCT * FROM bought UNION ALL SELECT DISTINCT * FROM viewed)
QUALIFY count(*) OVER (PARTITION BY unit, basket_date, basket_id) <= 100
    OR row_number() OVER (
        PARTITION BY unit, basket_date, basket_id ORDER BY md5(basket_id || product_id), product_id
    ) <= 100;

-- step: gold.product_baskets_daily
COPY (
    SELECT
        '$feed' AS feed,
        unit, basket_date, product_id,
        count(*) AS baskets,
        any_value(baskets_of_day) AS baskets_of_day
    FROM baskets
    JOIN (
        SELECT unit, basket_date, count(DISTINCT basket_id) AS baskets_of_day FROM baskets GROUP BY unit, basket_date
    ) USING (unit, basket_date)
    GROUP BY unit, basket_date, product_id
) TO '$out/gold/product_baskets_daily/data.parquet';

-- step: gold.product_pairs_daily
COPY (
    SELECT
        '$feed' AS feed,
        a.unit, a.basket_date, a.product_id AS product_a, b.product_id AS product_b,
        count(*) AS together
    FROM baskets AS a
    JOIN baskets AS b USING (unit, basket_date, basket_id)
    WHERE a.product_id < b.product_id
    GROUP BY ALL
) TO '$out/gold/product_pairs_daily/data.parquet';
DROP TABLE baskets;

-- step: gold.product_sequences_daily
-- Of more than 100 viewed or bought products of a session a sample, by the hash of session and product.
COPY (
    WITH steps AS (
        SELECT e.event_date, s.session_id, e.product_id, e.event_name, e.event_at
        FROM (FROM events WHERE event_name IN ('product_view', 'purchase') AND product_id IS NOT NULL) AS e
        ASOF JOIN (FROM sessions WHERE NOT is_bot AND purchases > 0) AS s
            ON s.visitor_id = e.visitor_id AND s.started_at <= e.event_at
        WHERE e.event_at <= s.ended_at
    ), views AS (
        SELECT event_date, session_id, product_id AS viewed_id, min(event_at) AS viewed_at
        FROM steps WHERE event_name = 'product_view'
        GROUP BY event_date, session_id, product_id
        QUALIFY row_number() OVER (
            PARTITION BY event_date, session_id ORDER BY md5('session ' || session_id || viewed_id), viewed_id
        ) <= 100
    ), bought AS (
        SELECT event_date, session_id, product_id AS bought_id, max(event_at) AS bought_at
        FROM steps WHERE event_name = 'purchase'
        GROUP BY event_date, session_id, product_id
        QUALIFY row_number() OVER (
            PARTITION BY event_date, session_id ORDER BY md5('session ' || session_id || bought_id), bought_id
        ) <= 100
    ), sequences AS (
        SELECT event_date, session_id, viewed_id, bought_id
        FROM views JOIN bought USING (event_date, session_id)
        WHERE viewed_at <= bought_at AND viewed_id <> bought_id
    )
    SELECT
        '$feed' AS feed,
        event_date, viewed_id, bought_id,
        count(*) AS sessions,
        any_value(buying_sessions) AS buying_sessions
    FROM sequences
    JOIN (
        SELECT event_date, bought_id, count(DISTINCT session_id) AS buying_sessions FROM sequences GROUP BY ALL
    ) USING (event_date, bought_id)
    GROUP BY event_date, viewed_id, bought_id
) TO '$out/gold/product_sequences_daily/data.parquet';

-- step: gold.product_affinity
CREATE TEMP MACRO log_share(hits, side_a, side_b, baskets) AS CASE
    WHEN hits > 0 THEN hits * ln(hits * CAST(baskets AS DOUBLE) / (side_a * CAST(side_b AS DOUBLE))) ELSE 0
END;
-- Tables, because the sizes of grouped files are guesses: by them the counts of all products were joined first.
CREATE TEMP TABLE pair_counts AS
SELECT unit, product_a, product_b, CAST(sum(together) AS BIGINT) AS together
FROM product_pairs_daily
GROUP BY unit, product_a, product_b
HAVING sum(together) >= 5;
CREATE TEMP TABLE product_counts AS
SELECT unit, product_id, CAST(sum(baskets) AS BIGINT) AS baskets
FROM product_baskets_daily
GROUP BY unit, product_id;
CREATE TEMP TABLE basket_counts AS
SELECT unit, CAST(sum(of_day) AS BIGINT) AS baskets
FROM (SELECT unit, max(baskets_of_day) AS of_day FROM product_baskets_daily GROUP BY unit, basket_date)
GROUP BY unit;
COPY (
    WITH counts AS (
        SELECT p.*, a.baskets AS baskets_a, b.baskets AS baskets_b, w.baskets
        FROM pair_counts AS p
        JOIN product_counts AS a ON a.unit = p.unit AND a.product_id = p.product_a
        JOIN product_counts AS b ON b.unit = p.unit AND b.product_id = p.product_b
        JOIN basket_counts AS w ON w.unit = p.unit
    ), measured AS (
        SELECT
            *,
            round(2 * (
                log_share(together, baskets_a, baskets_b, baskets)
                + log_share(baskets_a - together, baskets_a, baskets - baskets_b, baskets)
                + log_share(baskets_b - together, baskets - baskets_a, baskets_b, baskets)
                + log_share(
                    baskets - baskets_a - baskets_b + together, baskets - baskets_a, baskets - baskets_b, baskets
                )
            ), 6) AS llr
        FROM counts
    )
    SELECT
        '$feed' AS feed,
        *,
        ratio(together, baskets) AS support,
        ratio(together, baskets_a) AS confidence_ab,
        ratio(together, baskets_b) AS confidence_ba,
        together * CAST(baskets AS DOUBLE) / (baskets_a * CAST(baskets_b AS DOUBLE)) AS lift,
        round(
            greatest(0, exact_wilson(CAST(together AS DOUBLE), CAST(baskets AS DOUBLE), -1))
            * CAST(baskets AS DOUBLE) * baskets / (baskets_a * CAST(baskets_b AS DOUBLE)), 6
        ) AS lift_low,
        CAST(row_number() OVER (
            PARTITION BY unit ORDER BY llr DESC, together DESC, product_a, product_b
        ) AS INTEGER) AS rank
    FROM measured
    WHERE llr >= 10.83
) TO '$out/gold/product_affinity/data.parquet';
DROP TABLE pair_counts;
DROP TABLE product_counts;
DROP TABLE basket_counts;

-- step: gold.product_returns
COPY (
    WITH sums AS (
        SELECT
            product_id,
            count(DISTINCT order_id) FILTER (kind = 'sale') AS orders,
            CAST(coalesce(sum(quantity) FILTER (kind = 'sale'), 0) AS BIGINT) AS units_sold,
            CAST(coalesce(-sum(quantity) FILTER (kind = 'return'), 0) AS BIGINT) AS units_returned,
            min(order_date) FILTER (kind = 'sale') AS first_order_date,
            max(order_date) FILTER (kind = 'return') AS last_return_date
        FROM known_lines
        WHERE line_class = 'goods' AND kind IN ('sale', 'return') AND NOT is_cancelled AND product_id IS NOT NULL
        GROUP BY product_id
    ), capped AS (
        SELECT
            *,
            CAST(least(units_returned, units_sold) AS DOUBLE) AS returned,
            nullif(CAST(units_sold AS DOUBLE), 0) AS sold
        FROM sums
    )
    SELECT
        '$feed' AS feed,
        * EXCLUDE (returned, sold),
        ratio(units_returned, units_sold) AS return_rate,
        greatest(0, wilson(returned, sold, -1)) + CASE WHEN sold IS NULL THEN NULL ELSE 0 END AS rate_low,
        least(1, wilson(returned, sold, 1)) + CASE WHEN sold IS NULL THEN NULL ELSE 0 END AS rate_high
    FROM capped
) TO '$out/gold/product_returns/data.parquet';

-- step: gold.price_changes
COPY (
    WITH sold AS (
        SELECT product_id, order_date, sum(quantity) AS units
        FROM order_lines
        WHERE line_class = 'goods' AND kind = 'sale' AND status IS DISTINCT FROM 'cancelled'
        GROUP BY product_id, order_date
    ), changes AS (
        SELECT
            *, local_date(changed_at) AS change_date,
            coalesce(least(
                local_date(changed_at) - lag(local_date(changed_at)) OVER in_time,
                lead(local_date(changed_at)) OVER in_time - local_date(changed_at)
            ) <= 7, false) AS has_other_change
        FROM (
            SELECT
                product_id,
                valid_from AS changed_at,
                lag(price) OVER (PARTITION BY product_id ORDER BY valid_from) AS old_price,
                price AS new_price
            FROM products
            WHERE price IS NOT NULL
        )
        WHERE old_price <> new_price
        WINDOW in_time AS (PARTITION BY product_id ORDER BY changed_at)
    )
    SELECT
        '$feed' AS feed,
        c.*,
        ratio(new_price - old_price, old_price) AS change_ratio,
        CAST(coalesce(sum(units) FILTER (order_date < change_date), 0) AS BIGINT) AS units_before,
        CAST(coalesce(sum(units) FILTER (order_date > change_date), 0) AS BIGINT) AS units_after,
        coalesce(
            change_date - (SELECT min(order_date) FROM sold) >= 7
            AND (SELECT max(order_date) FROM sold) - change_date >= 7,
            false
        ) AS is_complete
    FROM changes AS c
    LEFT JOIN sold AS s ON s.product_id = c.product_id AND order_date BETWEEN change_date - 7 AND change_date + 7
    GROUP BY ALL
) TO '$out/gold/price_changes/data.parquet';

-- step: gold.stockout_days
-- Times without an available version, between versions or by a version that says so, day by day.
COPY (
    WITH performance AS (
        SELECT product_id, event_date, views, units FROM product_performance_daily
    ), span AS (
        SELECT min(event_date) AS first_on, max(event_date) AS last_on FROM performance HAVING count(*) > 0
    ), gaps AS (
        SELECT product_id, valid_from, valid_to FROM products WHERE NOT is_available
        UNION ALL
        SELECT product_id, valid_to, next_from
        FROM (
            SELECT
                product_id, valid_to,
                lead(valid_from) OVER (PARTITION BY product_id ORDER BY valid_from) AS next_from
            FROM products
        )
        WHERE valid_to < next_from
    ), begun AS (
        SELECT
            *,
            coalesce(lag(valid_to) OVER (PARTITION BY product_id ORDER BY valid_from) = valid_from, false) AS continues
        FROM gaps
    ), numbered AS (
        SELECT
            *, sum(CASE WHEN continues THEN 0 ELSE 1 END) OVER (PARTITION BY product_id ORDER BY valid_from) AS number
        FROM begun
    ), outages AS (
        SELECT
            product_id,
            local_date(min(valid_from)) AS started_on,
            CASE
                WHEN count(*) = count(valid_to) THEN local_date(max(valid_to) - INTERVAL 1 MICROSECOND)
            END AS ended_on,
            CAST(local_date(min(valid_from) - INTERVAL 1 MICROSECOND) + 1 AS DATE) AS whole_from,
            CASE WHEN count(*) = count(valid_to) THEN CAST(local_date(max(valid_to)) - 1 AS DATE) END AS whole_to
        FROM numbered
        GROUP BY product_id, number
    ), usual AS (
        SELECT
            o.*,
            coalesce(sum(units), 0) AS sold,
            greatest(0, least(28, started_on - first_on)) AS observed
        FROM outages AS o
        CROSS JOIN span
        LEFT JOIN performance AS p
            ON p.product_id = o.product_id AND event_date BETWEEN started_on - 28 AND started_on - 1
        GROUP BY ALL
    ), days AS (
        SELECT
            product_id, started_on, whole_from, whole_to, ratio(sold, observed) AS usual_units,
            CAST(unnest(generate_series(
                greatest(started_on, first_on), least(coalesce(ended_on, last_on), last_on), INTERVAL 1 DAY
            )) AS DATE) AS stockout_date
        FROM usual CROSS JOIN span
    ), by_day AS (
        SELECT
            product_id, stockout_date,
            min(d.started_on) AS started_on,
            bool_or(whole_from <= stockout_date AND coalesce(whole_to >= stockout_date, true)) AS is_whole_day,
            arg_min(usual_units, d.started_on) AS usual_units
        FROM days AS d
        GROUP BY product_id, stockout_date
    )
    SELECT
        '$feed' AS feed,
        d.*,
        coalesce(views, 0) AS views,
        coalesce(units, 0) AS units
    FROM by_day AS d
    LEFT JOIN performance AS p ON p.product_id = d.product_id AND p.event_date = stockout_date
) TO '$out/gold/stockout_days/data.parquet';
