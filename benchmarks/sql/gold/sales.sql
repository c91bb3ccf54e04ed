-- Sales of each day: sums over the lines of orders on their day and over returns on theirs.

-- step: gold.dated_values
-- What each line and each return adds to its day; null where it adds nothing.
CREATE TEMP TABLE dated_values AS
WITH places AS (
    SELECT
        * REPLACE (
            coalesce(country, '(unknown)') AS country,
            coalesce(category, '(unknown)') AS category,
            coalesce(top_category, '(unknown)') AS top_category
        ),
        kind = 'sale' AND NOT is_cancelled AS is_sale
    FROM order_values
)
SELECT
    country, channel, category, top_category, currency,
    order_date AS sales_date,
    CASE WHEN is_sale THEN order_id END AS order_id,
    CASE WHEN is_sale AND is_first_order THEN order_id END AS first_order_id,
    CASE WHEN is_sale THEN customer_id END AS customer_id,
    CASE WHEN is_sale THEN quantity END AS units,
    CASE WHEN is_sale THEN gross END AS gross,
    CASE WHEN NOT is_cancelled THEN discount END AS discount,
    CAST(NULL AS VARCHAR) AS return_id,
    CAST(NULL AS DECIMAL(18, 4)) AS returned,
    CASE WHEN is_sale THEN cost END AS cost,
    CASE WHEN NOT is_cancelled AND kind <> 'return' THEN margin END AS margin,
    CASE WHEN kind = 'sale' AND is_cancelled THEN order_id END AS cancelled_order_id,
    CASE WHEN kind = 'sale' AND is_cancelled THEN gross END AS cancelled_gross
FROM places
UNION ALL BY NAME
SELECT
    country, channel, category, top_category, currency,
    returned.return_date AS sales_date,
    order_id AS return_id,
    returned.amount AS returned,
    unit(-returned.quantity * unit_cost) AS cost,
    unit(-returned.amount + returned.quantity * unit_cost) AS margin
FROM (SELECT *, unnest(returns) AS returned FROM places);

-- step: gold.sales_daily
COPY (
    WITH lines AS (
        SELECT
            order_date AS sales_date, currency,
            count(DISTINCT order_id) FILTER (is_sale) AS orders,
            count(DISTINCT customer_id) FILTER (is_sale) AS customers,
            CAST(coalesce(sum(quantity) FILTER (is_sale), 0) AS BIGINT) AS units_sold,
            money(sum(amount) FILTER (is_sale)) AS gross_sales,
            -money(sum(amount) FILTER (line_class = 'discount' AND NOT is_cancelled)) AS discounts,
            -money(sum(amount) FILTER (line_class = 'goods' AND kind = 'return' AND NOT is_cancelled)) AS returns,
            CAST(gross_sales - discounts - returns AS DECIMAL(18, 2)) AS net_sales,
            CAST(sum(tax) FILTER (NOT is_cancelled) AS DECIMAL(18, 2)) AS tax,
            money(sum(amount) FILTER (line_class = 'shipping' AND NOT is_cancelled)) AS shipping,
            money(sum(amount) FILTER (line_class = 'other' AND NOT is_cancelled)) AS other,
            count(DISTINCT order_id) FILTER (is_cancelled_sale) AS cancelled_orders,
            money(sum(amount) FILTER (is_cancelled_sale)) AS cancelled_sales,
            divide(gross_sales - discounts, nullif(orders, 0), 100) AS average_order_value
        FROM (
            SELECT
                *,
                line_class = 'goods' AND kind = 'sale' AND NOT is_cancelled AS is_sale,
                line_class = 'goods' AND kind = 'sale' AND is_cancelled AS is_cancelled_sale
            FROM known_lines
        )
        GROUP BY order_date, currency
    ), parts AS (
        SELECT
            sales_date, currency,
            count(DISTINCT first_order_id) AS first_orders,
            total(sum(cost), count(order_id) + count(return_id)) AS cost,
            total(sum(margin), count(order_id) + count(return_id)) AS margin
        FROM dated_values
        GROUP BY sales_date, currency
    )
    SELECT
        '$feed' AS feed,
        lines.*,
        coalesce(first_orders, 0) AS first_orders,
        CAST(CASE WHEN first_orders IS NULL THEN 0 ELSE cost END AS DECIMAL(18, 2)) AS cost,
        CAST(CASE WHEN first_orders IS NULL THEN 0 ELSE margin END AS DECIMAL(18, 2)) AS margin
    FROM lines LEFT JOIN parts USING (sales_date, currency)
) TO '$out/gold/sales_daily/data.parquet';

-- step: gold.sales_by_country_daily
COPY (
    SELECT
        '$feed' AS feed,
        sales_date, currency, country,
        count(DISTINCT order_id) AS orders,
        count(DISTINCT first_order_id) AS first_orders,
        count(DISTINCT customer_id) AS customers,
        CAST(coalesce(sum(units), 0) AS BIGINT) AS units_sold,
        total(sum(gross), count(order_id)) AS gross_sales,
        total(sum(discount), 0) AS discounts,
        total(sum(returned), count(return_id)) AS returns,
        unit(gross_sales - discounts - returns) AS net_sales,
        total(sum(cost), count(order_id) + count(return_id)) AS cost,
        total(sum(margin), count(order_id) + count(return_id)) AS margin,
        count(DISTINCT cancelled_order_id) AS cancelled_orders,
        total(sum(cancelled_gross), count(cancelled_order_id)) AS cancelled_sales,
        divide(gross_sales - discounts, nullif(orders, 0), 100) AS average_order_value
    FROM dated_values
    GROUP BY sales_date, currency, country
) TO '$out/gold/sales_by_country_daily/data.parquet';

-- step: gold.sales_by_channel_daily
COPY (
    SELECT
        '$feed' AS feed,
        sales_date, currency, channel,
        count(DISTINCT order_id) AS orders,
        count(DISTINCT first_order_id) AS first_orders,
        count(DISTINCT customer_id) AS customers,
        CAST(coalesce(sum(units), 0) AS BIGINT) AS units_sold,
        total(sum(gross), count(order_id)) AS gross_sales,
        total(sum(discount), 0) AS discounts,
        total(sum(returned), count(return_id)) AS returns,
        unit(gross_sales - discounts - returns) AS net_sales,
        total(sum(cost), count(order_id) + count(return_id)) AS cost,
        total(sum(margin), count(order_id) + count(return_id)) AS margin,
        count(DISTINCT cancelled_order_id) AS cancelled_orders,
        total(sum(cancelled_gross), count(cancelled_order_id)) AS cancelled_sales,
        divide(gross_sales - discounts, nullif(orders, 0), 100) AS average_order_value
    FROM dated_values
    GROUP BY sales_date, currency, channel
) TO '$out/gold/sales_by_channel_daily/data.parquet';

-- step: gold.sales_by_category_daily
COPY (
    SELECT
        '$feed' AS feed,
        sales_date, currency, top_category, category,
        count(DISTINCT order_id) AS orders,
        count(DISTINCT first_order_id) AS first_orders,
        count(DISTINCT customer_id) AS customers,
        CAST(coalesce(sum(units), 0) AS BIGINT) AS units_sold,
        total(sum(gross), count(order_id)) AS gross_sales,
        total(sum(discount), 0) AS discounts,
        total(sum(returned), count(return_id)) AS returns,
        unit(gross_sales - discounts - returns) AS net_sales,
        total(sum(cost), count(order_id) + count(return_id)) AS cost,
        total(sum(margin), count(order_id) + count(return_id)) AS margin,
        count(DISTINCT cancelled_order_id) AS cancelled_orders,
        total(sum(cancelled_gross), count(cancelled_order_id)) AS cancelled_sales,
        divide(gross_sales - discounts, nullif(orders, 0), 100) AS average_order_value
    FROM dated_values
    GROUP BY sales_date, currency, top_category, category
) TO '$out/gold/sales_by_category_daily/data.parquet';
DROP TABLE dated_values;
