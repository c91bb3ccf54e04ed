-- Lines of orders: discounts allocated, returns matched, product, cost and channel of the time of the sale.

-- step: gold.order_parts
-- A document's discounts go to its goods by amount, in whole minor units by the largest remainder.
CREATE TEMP TABLE sold_lines AS
WITH marked AS (
    SELECT
        *,
        sum(CASE WHEN line_class = 'discount' THEN -amount END) OVER document AS document_discount,
        count(*) FILTER (line_class = 'goods') OVER document AS goods_lines
    FROM known_lines
    WHERE line_class = 'discount' OR line_class = 'goods' AND kind = 'sale'
    WINDOW document AS (PARTITION BY order_id, document_id, currency)
), weighed AS (
    SELECT
        *,
        CAST(abs(coalesce(document_discount, 0)) * 10000 AS HUGEINT) AS total,
        minor_unit(currency) AS step,
        CAST(abs(coalesce(amount, 0)) * 10000 AS HUGEINT) AS own_weight,
        sum(own_weight) OVER document AS weights
    FROM marked
    WHERE line_class = 'goods'
    WINDOW document AS (PARTITION BY order_id, document_id, currency)
), shared AS (
    SELECT
        *,
        CASE WHEN weights = 0 THEN 1 ELSE own_weight END AS weight,
        CASE WHEN weights = 0 THEN goods_lines ELSE weights END AS whole,
        total // step * weight // whole AS share,
        total // step * weight % whole AS rest
    FROM weighed
), ranked AS (
    SELECT
        *,
        total // step - sum(share) OVER (PARTITION BY order_id, document_id, currency) AS extra,
        row_number() OVER (
            PARTITION BY order_id, document_id, currency ORDER BY rest DESC, weight = 0, line_number
        ) AS place
    FROM shared
), parts AS (
    SELECT
        *,
        (share + CASE WHEN place <= extra THEN 1 ELSE 0 END) * step
        + CASE WHEN place = extra + 1 THEN total % step ELSE 0 END AS part
    FROM ranked
)
SELECT
    order_id, document_id, line_number, kind, order_date, ordered_at, currency, customer_id, product_id, country,
    status,
    is_cancelled, quantity, unit_price, amount, tax,
    ten_thousandths(sign(coalesce(document_discount, 0)) * part) AS discount
FROM parts;

-- A return belongs to the line of its order with its product and line number, or else to the first with the product.
CREATE TEMP TABLE returned_lines AS
SELECT
    r.*,
    coalesce(
        first(s ORDER BY s.document_id) FILTER (s.line_number = r.line_number),
        first(s ORDER BY s.document_id, s.line_number) FILTER (s.order_id IS NOT NULL)
    ) AS sale
FROM (
    SELECT
        order_id, document_id, line_number, order_date, ordered_at, currency, customer_id, product_id, country, status,
        is_cancelled, unit_price,
        {
            return_date: order_date, quantity: -quantity, amount: CAST(-amount AS DECIMAL(18, 4)),
            tax: CAST(-tax AS DECIMAL(18, 4))
        } AS returned
    FROM known_lines
    WHERE line_class = 'goods' AND kind = 'return' AND NOT is_cancelled
) AS r
LEFT JOIN (SELECT order_id, document_id, line_number, product_id, currency FROM sold_lines) AS s
    ON s.order_id = r.order_id AND s.product_id = r.product_id AND s.currency IS NOT DISTINCT FROM r.currency
GROUP BY ALL;

-- step: silver.first_orders
COPY (
    SELECT '$feed' AS feed, customer_id, first_order.order_id AS order_id, first_order.ordered_at AS ordered_at
    FROM (
        SELECT customer_id, min({ordered_at: ordered_at, order_id: order_id}) AS first_order
        FROM sold_lines
        WHERE customer_id IS NOT NULL AND NOT is_cancelled
        GROUP BY customer_id
    )
) TO '$out/silver/first_orders/data.parquet';

-- step: gold.order_values
COPY (
    WITH matched AS (
        SELECT
            sale.order_id AS order_id, sale.document_id AS document_id, sale.line_number AS line_number,
            list_sort(list(returned)) AS returns
        FROM returned_lines
        WHERE sale IS NOT NULL
        GROUP BY ALL
    ), rows AS (
        SELECT s.*, coalesce(m.returns, []) AS returns
        FROM sold_lines AS s LEFT JOIN matched AS m USING (order_id, document_id, line_number)
        UNION ALL BY NAME
        SELECT
            * EXCLUDE (returned, sale), 'return' AS kind, 0 AS quantity, 0 AS amount, 0 AS discount,
            [returned] AS returns
        FROM returned_lines
        WHERE sale IS NULL
        UNION ALL BY NAME
        SELECT
            order_id, document_id, line_number, 'discount' AS kind, order_date, ordered_at, currency, customer_id,
            product_id, country, status, is_cancelled, 0 AS quantity, 0 AS amount, tax, -amount AS discount,
            [] AS returns
        FROM (FROM known_lines WHERE line_class = 'discount')
        ANTI JOIN sold_lines USING (order_id, document_id, currency)
    ), versions AS (
        SELECT p.*, coalesce(c.root_id, p.parent_category, p.category) AS top_category
        FROM products AS p LEFT JOIN categories AS c ON c.category_id = p.category
    ), first_events AS (
        SELECT order_id, arg_min({channel: channel, device: device}, (event_at, event_id)) AS event
        FROM purchases
        WHERE order_id IS NOT NULL
        GROUP BY order_id
    ), joined AS (
        SELECT
            r.* REPLACE (unit(r.amount) AS amount, unit(r.discount) AS discount),
            CASE WHEN p.valid_to IS NULL OR r.ordered_at < p.valid_to THEN p END AS product,
            e.event,
            o.order_id AS first_order_id,
            x.rate
        FROM rows AS r
        ASOF LEFT JOIN versions AS p ON p.product_id = r.product_id AND p.valid_from <= r.ordered_at
        LEFT JOIN first_events AS e ON e.order_id = r.order_id
        LEFT JOIN first_orders AS o ON o.customer_id = r.customer_id
        LEFT JOIN exchange_rate_periods AS x
            ON r.currency <> '$currency' AND x.currency = r.currency
            AND r.order_date BETWEEN x.first_date AND coalesce(x.last_date, r.order_date)
    ), costed AS (
        SELECT
            *,
            CASE
                WHEN currency = '$currency' THEN product.cost
                ELSE ten_thousandths(
                    (2 * CAST(product.cost * 10000 AS HUGEINT) * 10000000000 + CAST(rate * 10000000000 AS HUGEINT))
                    // nullif(2 * CAST(rate * 10000000000 AS HUGEINT), 0)
                )
            END AS unit_cost
        FROM joined
    )
    SELECT
        '$feed' AS feed,
        order_id, document_id, line_number, kind, order_date, ordered_at, currency, customer_id, product_id,
        product.category AS category,
        product.top_category AS top_category,
        country,
        coalesce(event.channel, '(none)') AS channel,
        CASE WHEN event IS NOT NULL THEN event.device ELSE '(none)' END AS device,
        status, is_cancelled,
        CAST(quantity AS INTEGER) AS quantity,
        unit_price,
        amount AS gross,
        discount,
        unit(amount - discount) AS net,
        tax,
        CAST(coalesce(list_sum([each.quantity FOR each IN returns]), 0) AS INTEGER) AS returned_quantity,
        unit(coalesce(list_sum([each.amount FOR each IN returns]), 0)) AS returned_net,
        returns,
        unit_cost,
        unit(CASE WHEN quantity = 0 THEN 0 ELSE quantity * unit_cost END) AS cost,
        unit(amount - discount - CASE WHEN quantity = 0 THEN 0 ELSE unit(quantity * unit_cost) END) AS margin,
        CASE
            WHEN customer_id IS NOT NULL
            THEN kind = 'sale' AND NOT is_cancelled AND coalesce(order_id = first_order_id, false)
        END AS is_first_order,
        list_sort(list_distinct(list_prepend(order_date, [each.return_date FOR each IN returns]))) AS sales_dates
    FROM costed
) TO '$out/gold/order_values/data.parquet';
DROP TABLE sold_lines;
DROP TABLE returned_lines;
