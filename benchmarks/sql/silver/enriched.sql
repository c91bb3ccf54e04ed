-- What was true of the product and of the customer at the time of each event.

-- step: silver.events_enriched
COPY (
    WITH versions AS (
        SELECT p.*, coalesce(p.parent_category, c.parent_id) AS parent_category_id
        FROM products AS p
        LEFT JOIN categories AS c ON c.category_id = p.category
    ), joined AS (
        SELECT
            e.*,
            CASE WHEN p.valid_to IS NULL OR e.event_at < p.valid_to THEN p END AS product,
            CASE WHEN c.valid_to IS NULL OR e.event_at < c.valid_to THEN c END AS customer
        FROM events AS e
        ASOF LEFT JOIN versions AS p ON p.product_id = e.product_id AND p.valid_from <= e.event_at
        ASOF LEFT JOIN customers AS c ON c.customer_id = e.customer_id AND c.valid_from <= e.event_at
    )
    SELECT
        feed, event_id, event_at, event_date, event_name, visitor_id, customer_id, product_id, quantity, unit_price,
        order_id, is_bot,
        product.product_name AS product_name,
        product.category AS item_category_id,
        product.parent_category_id AS parent_category_id,
        product.is_available AS available,
        product.price AS price,
        customer.location AS customer_location,
        customer.signup_date AS signup_date
    FROM joined
) TO '$out/silver/events_enriched' (FORMAT parquet, PARTITION_BY (event_date));

-- step: silver.cancelled_order_refunds
COPY (
    SELECT
        '$feed' AS feed,
        order_id,
        min(order_date) FILTER (kind = 'return') AS first_date,
        max(order_date) FILTER (kind = 'return') AS last_date
    FROM order_lines
    GROUP BY order_id
    HAVING first_date IS NOT NULL AND bool_or(kind <> 'return' AND coalesce(status = 'cancelled', false))
        AND NOT bool_or(kind = 'sale' AND status IS DISTINCT FROM 'cancelled')
) TO '$out/silver/cancelled_order_refunds/data.parquet';
