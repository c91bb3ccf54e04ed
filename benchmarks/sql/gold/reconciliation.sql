-- Events against orders against payments: what each cause adds, from the records that it is about.

-- step: gold.reconciliation_orders
COPY (
    WITH lines AS (
        SELECT
            order_id, product_id, order_date, coalesce(upper(currency), '$currency') AS currency, quantity, unit_price,
            amount,
            row_number() OVER (PARTITION BY order_id, product_id ORDER BY document_id, line_number) AS place
        FROM order_lines
        WHERE line_class = 'goods' AND kind = 'sale' AND status IS DISTINCT FROM 'cancelled'
    ), shown AS (
        SELECT
            order_id, coalesce(product_id, '') AS product_id, event_date,
            coalesce(upper(currency), '$currency') AS currency,
            quantity, coalesce(unit_price, 0) AS unit_price, unit(quantity * coalesce(unit_price, 0)) AS amount,
            row_number() OVER (PARTITION BY order_id, product_id ORDER BY event_at, event_id) AS place
        FROM purchases
        WHERE order_id IS NOT NULL
    ), pairs AS (
        SELECT
            order_id,
            l AS line,
            e AS event,
            count(l.place) OVER (PARTITION BY order_id) AS lines,
            count(e.place) OVER (PARTITION BY order_id) AS events,
            count(l.place) OVER (PARTITION BY order_id, product_id) AS product_lines,
            max(l.currency) OVER (PARTITION BY order_id) AS order_currency
        FROM lines AS l FULL JOIN shown AS e USING (order_id, product_id, place)
    ), caused AS (
        SELECT
            *,
            coalesce(event.currency <> order_currency, false) AS is_foreign,
            CASE
                WHEN events = 0 THEN 'no_event'
                WHEN lines = 0 THEN 'no_order'
                WHEN is_foreign THEN 'currency_differs'
                WHEN line.place IS NULL AND product_lines > 0 THEN 'duplicate_event'
                WHEN line.place IS NULL OR event.place IS NULL THEN 'product_missing'
                ELSE 'both'
            END AS cause
        FROM pairs
    ), goods AS (
        SELECT
            order_id,
            min(event.event_date) AS event_date,
            max(event.currency) AS event_currency,
            min(line.order_date) AS order_date,
            max(line.currency) AS order_currency,
            sum(event.amount) FILTER (NOT is_foreign) AS event_revenue,
            sum(line.amount) AS goods,
            sum(line.amount) FILTER (cause = 'no_event') AS no_event,
            -sum(event.amount) FILTER (cause = 'no_order') AS no_order,
            -sum(event.amount) FILTER (cause = 'duplicate_event') AS duplicate_event,
            sum((line.quantity - event.quantity) * event.unit_price) FILTER (cause = 'both') AS quantity_differs,
            sum(line.quantity * (line.unit_price - event.unit_price)) FILTER (cause = 'both') AS price_differs,
            sum(coalesce(line.amount, -event.amount)) FILTER (cause = 'product_missing') AS product_missing,
            sum(line.amount) FILTER (cause = 'currency_differs') AS currency_differs
        FROM caused
        GROUP BY order_id
    ), charges AS (
        SELECT
            order_id,
            min(order_date) AS charge_date,
            max(coalesce(upper(currency), '$currency')) AS charge_currency,
            sum(amount) FILTER (line_class = 'discount') AS discount,
            sum(amount) FILTER (line_class = 'shipping') AS shipping,
            sum(amount) FILTER (
                line_class NOT IN ('discount', 'shipping') AND NOT (line_class = 'goods' AND kind = 'sale')
            ) AS charges
        FROM order_lines
        WHERE kind <> 'return' AND status IS DISTINCT FROM 'cancelled'
        GROUP BY order_id
    ), settled AS (
        SELECT
            *,
            lower(coalesce(status, 'paid')) AS state,
            state = 'chargeback' OR lower(coalesce(method, '')) = 'chargeback' AS is_chargeback,
            state IN (
                'paid', 'captured', 'completed', 'success', 'succeeded', 'settled', 'refunded', 'partially_refunded'
            ) AS is_known
        FROM payments
    ), moved AS (
        SELECT
            order_id,
            min(paid_date) AS paid_date,
            max(coalesce(upper(currency), '$currency')) AS paid_currency,
            sum(amount) FILTER (kind = 'payment' AND (is_known OR is_chargeback)) AS paid,
            sum(amount) FILTER (kind <> 'payment' AND is_known AND NOT is_chargeback) AS refund,
            -sum(abs(amount)) FILTER (is_chargeback) AS chargeback,
            sum(CASE WHEN is_chargeback AND kind = 'payment' THEN 0 ELSE amount END) FILTER (
                state NOT IN (
                    'pending', 'failed', 'cancelled', 'canceled', 'voided', 'expired', 'declined', 'error', 'failure'
                )
            ) AS received
        FROM settled
        GROUP BY order_id
    ), whole AS (
        SELECT
            order_id,
            coalesce(order_date, charge_date, event_date, paid_date) AS order_date,
            coalesce(order_currency, charge_currency, event_currency, paid_currency) AS currency,
            unit(coalesce(COLUMNS([
                'event_revenue', 'goods', 'no_event', 'no_order', 'duplicate_event', 'quantity_differs',
                'price_differs', 'product_missing', 'currency_differs', 'discount', 'shipping', 'charges', 'paid',
                'refund', 'chargeback',
                'received'
            ]), 0))
        FROM (FROM goods FULL JOIN charges USING (order_id)) FULL JOIN moved USING (order_id)
    ), balanced AS (
        SELECT
            *,
            unit(goods + discount + shipping + charges) AS order_revenue,
            unit(round(order_revenue, 2)) AS payable,
            unit(least(paid - payable, 0)) AS unpaid,
            unit(greatest(paid - payable, 0)) AS overpaid,
            unit(
                order_revenue - event_revenue - no_event - no_order - duplicate_event - quantity_differs - price_differs
                - product_missing - currency_differs - discount - shipping - charges
            ) AS unexplained_revenue,
            unit(received - payable - unpaid - overpaid - refund - chargeback) AS unexplained_payment
        FROM whole
    )
    SELECT
        '$feed' AS feed,
        * EXCLUDE (goods),
        CASE
            WHEN no_event <> 0 THEN 'no_event'
            WHEN no_order <> 0 THEN 'no_order'
            WHEN duplicate_event <> 0 THEN 'duplicate_event'
            WHEN quantity_differs <> 0 THEN 'quantity_differs'
            WHEN price_differs <> 0 THEN 'price_differs'
            WHEN product_missing <> 0 THEN 'product_missing'
            WHEN currency_differs <> 0 THEN 'currency'
            WHEN discount <> 0 THEN 'discount'
            WHEN shipping <> 0 THEN 'shipping'
            WHEN charges <> 0 THEN 'charges'
            WHEN unpaid <> 0 THEN 'unpaid'
            WHEN overpaid <> 0 THEN 'overpaid'
            WHEN refund <> 0 THEN 'refund'
            WHEN chargeback <> 0 THEN 'chargeback'
        END AS cause,
        unit(abs(unexplained_revenue) + abs(unexplained_payment)) AS unexplained
    FROM balanced
) TO '$out/gold/reconciliation_orders/data.parquet';

-- step: gold.reconciliation_daily
COPY (
    WITH amounts AS (
        UNPIVOT (
            SELECT
                order_date, currency, no_event, no_order, duplicate_event, quantity_differs, price_differs,
                product_missing,
                currency_differs, discount, shipping, charges, unpaid, overpaid, refund, chargeback, unexplained
            FROM reconciliation_orders
        ) ON COLUMNS(* EXCLUDE (order_date, currency)) INTO NAME part VALUE amount
    )
    SELECT
        '$feed' AS feed,
        order_date, currency,
        CASE part WHEN 'currency_differs' THEN 'currency' ELSE part END AS cause,
        count(*) AS orders,
        unit(CASE WHEN part = 'unexplained' THEN 0 ELSE sum(amount) END) AS amount,
        unit(CASE WHEN part = 'unexplained' THEN sum(amount) ELSE 0 END) AS unexplained
    FROM amounts
    WHERE amount <> 0
    GROUP BY order_date, currency, part
) TO '$out/gold/reconciliation_daily/data.parquet';
