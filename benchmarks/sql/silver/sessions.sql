-- Sessions: the events of a visitor until none follows for more than 30 minutes.

-- step: silver.sessions
-- Each step is a digit after its time; sorted, the digits of a session that reached the third step
-- are LIKE '%1%2%3%'.
COPY (
    WITH rated AS (
        SELECT
            events.*,
            coalesce(upper(events.currency), '$currency') <> '$currency' AND event_name = 'purchase' AS is_foreign,
            rate
        FROM events
        LEFT JOIN exchange_rate_periods AS p
            ON event_name = 'purchase' AND p.currency = upper(events.currency)
            AND event_date BETWEEN p.first_date AND coalesce(p.last_date, event_date)
    ), begun AS (
        SELECT
            *,
            CASE
                WHEN event_name = 'purchase' AND NOT is_foreign THEN coalesce(quantity, 1) * unit_price
                WHEN is_foreign THEN converted(coalesce(quantity, 1) * unit_price, rate)
            END AS paid,
            coalesce(
                event_at - lag(event_at) OVER in_time > INTERVAL 30 MINUTE,
                true
            ) AS is_first,
            lower(regexp_extract(page_url, '^(?:[A-Za-z]+://[^/?#]*)?/?([^/?#]*)', 1)) AS page
        FROM rated
        WINDOW in_time AS (PARTITION BY visitor_id ORDER BY event_at, event_id)
    ), numbered AS (
        SELECT
            *,
            sum(CAST(is_first AS INTEGER)) OVER (PARTITION BY visitor_id ORDER BY event_at, event_id) AS visit,
            epoch_us(event_at) * 10 + CASE event_name
                WHEN 'page_view' THEN 1
                WHEN 'product_view' THEN 2
                WHEN 'add_to_cart' THEN 3
                WHEN 'checkout_started' THEN 4
                WHEN 'purchase' THEN 5
            END AS step,
            epoch_us(event_at) * 16 + CASE
                WHEN event_name = 'product_view' THEN 4
                WHEN event_name = 'add_to_cart' THEN 5
                WHEN event_name = 'remove_from_cart' THEN 6
                WHEN event_name = 'checkout_started' THEN 8
                WHEN event_name = 'purchase' THEN 9
                WHEN page_url IS NULL THEN 11
                WHEN page IN ('', 'home', 'index.html') THEN 1
                WHEN page IN ('category', 'categories', 'collections', 'collection', 'c', 'sale', 'new', 'shop') THEN 2
                WHEN page IN ('search', 's') THEN 3
                WHEN page IN ('product', 'products', 'p') THEN 4
                WHEN page IN ('cart', 'basket', 'bag') THEN 7
                WHEN page IN ('checkout', 'checkouts') THEN 8
                WHEN page IN ('account', 'login', 'register', 'my-account') THEN 10
                ELSE 11
            END AS place
        FROM begun
    ), visits AS (
        SELECT
            visitor_id,
            min(event_at) AS started_at,
            max(event_at) AS ended_at,
            any_value(event_date) FILTER (is_first) AS session_date,
            max(event_date) AS ended_date,
            count(*) AS events,
            count(*) FILTER (event_name = 'page_view') AS page_views,
            count(*) FILTER (event_name = 'product_view') AS product_views,
            count(*) FILTER (event_name = 'add_to_cart') AS add_to_carts,
            count(*) FILTER (event_name = 'checkout_started') AS checkouts,
            count(*) FILTER (event_name = 'purchase') AS purchases,
            sum(paid) AS revenue,
            count(*) FILTER (is_foreign AND rate IS NULL) AS lines_without_rate,
            list_sort(list(place)) AS places,
            array_to_string([step % 10 FOR step IN list_sort(list(step) FILTER (step IS NOT NULL))], '') AS steps,
            nullif(any_value(page_url) FILTER (is_first), '') AS landing_page,
            nullif(any_value(utm_source) FILTER (is_first), '') AS utm_source,
            nullif(any_value(utm_medium) FILTER (is_first), '') AS utm_medium,
            nullif(any_value(utm_campaign) FILTER (is_first), '') AS utm_campaign,
            nullif(any_value(device) FILTER (is_first), '') AS device,
            bool_or(is_bot) AS is_bot,
            bool_or(customer_id IS NOT NULL) AS is_known
        FROM numbered
        GROUP BY visitor_id, visit
    )
    SELECT
        '$feed' AS feed,
        md5('$feed|' || visitor_id || '|' || epoch_us(started_at)) AS session_id,
        * EXCLUDE (
            revenue, lines_without_rate, steps, places, landing_page, utm_source, utm_medium, utm_campaign, device,
            is_bot,
            is_known
        ),
        CASE WHEN is_known THEN visitor_id END AS customer_id,
        CAST(coalesce(revenue, CASE WHEN purchases = 0 THEN 0 END) AS DECIMAL(18, 2)) AS revenue,
        CASE
            WHEN steps LIKE '%1%2%3%4%5%' THEN 5
            WHEN steps LIKE '%1%2%3%4%' THEN 4
            WHEN steps LIKE '%1%2%3%' THEN 3
            WHEN steps LIKE '%1%2%' THEN 2
            WHEN steps LIKE '%1%' THEN 1
            ELSE 0
        END AS steps_reached,
        landing_page, utm_source, utm_medium, utm_campaign, device,
        channel_of(utm_source, utm_medium) AS channel,
        ended_at - started_at > INTERVAL 10 SECOND OR page_views + product_views >= 2 OR purchases > 0 AS is_engaged,
        is_bot,
        [
            [
                'home', 'category', 'search', 'product', 'add_to_cart', 'remove_from_cart', 'cart', 'checkout',
                'purchase',
                'account', 'other'
            ][place % 16]
            FOR place IN [place FOR place, number IN places IF number = 1 OR places[number - 1] % 16 <> place % 16][:6]
        ] AS page_types,
        '$currency' AS currency,
        lines_without_rate
    FROM visits
) TO '$out/silver/sessions' (FORMAT parquet, PARTITION_BY (session_date));
