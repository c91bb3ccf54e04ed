-- Conversion: purchases, funnels, paths and carts.

-- step: gold.purchases
COPY (
    WITH joined AS (
        SELECT
            e.* EXCLUDE (session_id), v.session_id, coalesce(v.channel, 'direct') AS channel,
            CASE WHEN p.valid_to IS NULL OR e.event_at < p.valid_to THEN p END AS product
        FROM (FROM events WHERE event_name = 'purchase') AS e
        ASOF LEFT JOIN products AS p ON p.product_id = e.product_id AND p.valid_from <= e.event_at
        ASOF LEFT JOIN sessions AS v ON v.visitor_id = e.visitor_id AND v.started_at <= e.event_at
    )
    SELECT
        feed, event_id, order_id, event_at, event_date, visitor_id, customer_id, session_id, device, platform, channel,
        product_id,
        product.product_name AS product_name,
        product.category AS category,
        coalesce(quantity, 1) AS quantity,
        coalesce(unit_price, product.price) AS unit_price,
        CAST(coalesce(quantity, 1) * coalesce(unit_price, product.price) AS DECIMAL(18, 2)) AS revenue,
        currency
    FROM joined
) TO '$out/gold/purchases/data.parquet';

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
        '$feed' AS feed,
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
        '$feed' AS feed,
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

-- step: gold.paths_daily
COPY (
    WITH walks AS (
        SELECT
            session_date,
            ['(start)'] || page_types[:5] || [CASE WHEN len(page_types) < 6 THEN '(exit)' ELSE '(more)' END] AS nodes
        FROM sessions
        WHERE NOT is_bot
    ), steps AS (
        SELECT session_date, nodes, unnest(range(1, len(nodes))) AS step_number FROM walks
    )
    SELECT
        '$feed' AS feed,
        session_date,
        CAST(step_number AS INTEGER) AS step_number,
        nodes[step_number] AS from_page_type,
        nodes[step_number + 1] AS to_page_type,
        count(*) AS sessions
    FROM steps
    GROUP BY ALL
) TO '$out/gold/paths_daily/data.parquet';

-- step: gold.carts
-- What became of each cart: items at the price shown, or else at the list price of the time they were added.
COPY (
    WITH filled AS (
        FROM cart_activity WHERE adds + removes > 0
    ), items AS (
        SELECT cart_id, visitor_id, left_at, len(bought) > 0 AS is_purchased, unnest(items, max_depth := 2) FROM filled
    ), priced AS (
        SELECT
            i.cart_id, added_date,
            quantity * coalesce(
                i.unit_price, CASE WHEN p.valid_to IS NULL OR i.added_at < p.valid_to THEN p.price END
            ) AS amount,
            CASE WHEN i.unit_price IS NOT NULL THEN nullif(upper(i.currency), '$currency') END AS foreign_currency
        FROM items AS i
        ASOF LEFT JOIN products AS p ON p.product_id = i.product_id AND p.valid_from <= i.added_at
    ), worth AS (
        SELECT
            cart_id,
            sum(CASE WHEN foreign_currency IS NULL THEN unit(amount) ELSE converted(amount, rate) END) AS value,
            count(*) FILTER (foreign_currency IS NOT NULL AND rate IS NULL) AS lines_without_rate
        FROM priced
        LEFT JOIN exchange_rate_periods AS r
            ON r.currency = foreign_currency AND added_date BETWEEN r.first_date AND coalesce(r.last_date, added_date)
        GROUP BY cart_id
    ), later AS (
        SELECT visitor_id, unnest(bought, max_depth := 2) FROM cart_activity
    ), recoveries AS (
        SELECT cart_id, min(bought_at) AS recovered_at
        FROM items JOIN later USING (visitor_id, product_id)
        WHERE NOT is_purchased AND bought_at > left_at AND bought_at <= left_at + INTERVAL 168 HOUR
        GROUP BY cart_id
    )
    SELECT
        '$feed' AS feed,
        cart_id, visitor_id, cart_date, started_at, left_at,
        CASE
            WHEN len(bought) > 0 THEN 'purchased'
            WHEN recovered_at IS NOT NULL THEN 'recovered'
            WHEN (SELECT max(ended_at) FROM sessions) >= left_at + INTERVAL 168 HOUR THEN 'abandoned'
            ELSE 'open'
        END AS state,
        CAST(coalesce(list_sum([item.quantity FOR item IN items]), 0) AS BIGINT) AS items,
        CAST(len(items) AS INTEGER) AS products,
        CAST(CASE WHEN len(items) = 0 THEN 0 ELSE value END AS DECIMAL(18, 2)) AS value,
        bought[1].order_id AS order_id,
        bought[1].bought_at AS purchased_at,
        recovered_at, adds, removes,
        '$currency' AS currency,
        coalesce(lines_without_rate, 0) AS lines_without_rate
    FROM filled LEFT JOIN worth USING (cart_id) LEFT JOIN recoveries USING (cart_id)
) TO '$out/gold/carts/data.parquet';
