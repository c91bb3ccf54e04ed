-- Orders and refunds: their lines (goods, shipping as line -1, discount as line -2) and their payments.

-- step: silver.order_records
CREATE TEMP TABLE order_records AS
SELECT
    'sale' AS kind, raw, file, line, batch_id, ingested_at, hash(raw) AS payload_hash,
    o.order_id, o.order_id AS document_id, o.ordered_at, o.customer_id, o.country, o.currency,
    o.lines, o.discount, o.shipping, o.payments, o IS NULL AS is_unreadable
FROM (
    SELECT
        *,
        from_json(
            CASE WHEN starts_with(ltrim(raw), '{') AND json_valid(raw) THEN raw END,
            '{
                "order_id": "VARCHAR", "ordered_at": "VARCHAR", "customer_id": "VARCHAR", "country": "VARCHAR",
                "currency": "VARCHAR", "discount": "VARCHAR", "shipping": "VARCHAR",
                "lines": [{
                    "line_number": "VARCHAR", "product_id": "VARCHAR", "quantity": "VARCHAR", "unit_price": "VARCHAR"
                }],
                "payments": [{
                    "payment_id": "VARCHAR", "method": "VARCHAR", "amount": "VARCHAR", "status": "VARCHAR",
                    "paid_at": "VARCHAR"
                }]
            }'
        ) AS o
    FROM read_parquet('$out/bronze/orders_raw/data.parquet')
)
UNION ALL
SELECT
    'return', raw, file, line, batch_id, ingested_at, hash(raw),
    r.order_id, r.refund_id, r.refunded_at, r.customer_id, r.country, r.currency,
    r.lines, NULL, NULL,
    [{
        payment_id: r.refund_id, method: CAST(NULL AS VARCHAR), amount: r.amount, status: 'refunded',
        paid_at: r.refunded_at
    }],
    r IS NULL
FROM (
    SELECT
        *,
        from_json(
            CASE WHEN starts_with(ltrim(raw), '{') AND json_valid(raw) THEN raw END,
            '{
                "refund_id": "VARCHAR", "order_id": "VARCHAR", "refunded_at": "VARCHAR", "customer_id": "VARCHAR",
                "country": "VARCHAR", "currency": "VARCHAR", "amount": "VARCHAR",
                "lines": [{
                    "line_number": "VARCHAR", "product_id": "VARCHAR", "quantity": "VARCHAR", "unit_price": "VARCHAR"
                }]
            }'
        ) AS r
    FROM read_parquet('$out/bronze/refunds_raw/data.parquet')
);

-- step: silver.order_lines_evaluated
CREATE TEMP TABLE lines_evaluated AS
WITH flat AS (
    SELECT kind, 'goods' AS line_class, * EXCLUDE (kind, lines, discount, shipping, payments), unnest(
        CASE
            WHEN len(lines) > 0 THEN lines
            ELSE [{
                line_number: CAST(NULL AS VARCHAR), product_id: CAST(NULL AS VARCHAR),
                quantity: CAST(NULL AS VARCHAR), unit_price: CAST(NULL AS VARCHAR)
            }]
        END
    ) AS part
    FROM order_records
    UNION ALL
    SELECT 'sale', 'shipping', * EXCLUDE (kind, lines, discount, shipping, payments),
        {line_number: '-1', product_id: NULL, quantity: '1', unit_price: shipping}
    FROM order_records
    WHERE shipping IS NOT NULL AND coalesce(TRY_CAST(shipping AS DECIMAL(18, 4)) <> 0, true)
    UNION ALL
    SELECT 'adjustment', 'discount', * EXCLUDE (kind, lines, discount, shipping, payments),
        {line_number: '-2', product_id: NULL, quantity: '1', unit_price: '-' || discount}
    FROM order_records
    WHERE discount IS NOT NULL AND coalesce(TRY_CAST(discount AS DECIMAL(18, 4)) <> 0, true)
), typed AS (
    SELECT
        order_id, document_id,
        TRY_CAST(part.line_number AS BIGINT) AS line_number,
        kind, line_class,
        TRY_CAST(ordered_at AS TIMESTAMPTZ) AS ordered_time,
        CAST(timezone('$timezone', TRY_CAST(ordered_at AS TIMESTAMPTZ)) AS DATE) AS order_date,
        customer_id,
        part.product_id AS product_id,
        country,
        CASE WHEN kind = 'return' THEN -1 ELSE 1 END * TRY_CAST(part.quantity AS INTEGER) AS quantity,
        TRY_CAST(part.unit_price AS DECIMAL(18, 4)) AS unit_price,
        coalesce(currency, '$currency') AS currency,
        payload_hash, batch_id, ingested_at,
        is_unreadable, raw, file, line, part, ordered_at AS ordered_at_text
    FROM flat
)
SELECT
    * EXCLUDE (is_unreadable, part, ordered_at_text),
    CASE
        WHEN is_unreadable THEN ['is_json_object']
        ELSE list_filter(
            [
                CASE WHEN ordered_at_text IS NOT NULL AND ordered_time IS NULL THEN 'ordered_at_fits_type' END,
                CASE WHEN part.line_number IS NOT NULL AND line_number IS NULL THEN 'line_number_fits_type' END,
                CASE WHEN part.quantity IS NOT NULL AND quantity IS NULL THEN 'quantity_fits_type' END,
                CASE WHEN part.unit_price IS NOT NULL AND unit_price IS NULL THEN 'unit_price_fits_type' END,
                CASE WHEN order_id IS NULL THEN 'order_id_present' END,
                CASE WHEN document_id IS NULL THEN 'document_id_present' END,
                CASE WHEN line_number IS NULL THEN 'line_number_present' END,
                CASE WHEN ordered_time IS NULL THEN 'ordered_at_present' END,
                CASE WHEN quantity IS NULL THEN 'quantity_present' END,
                CASE WHEN unit_price IS NULL THEN 'unit_price_present' END,
                CASE
                    WHEN ordered_time < TIMESTAMPTZ '2000-01-01 00:00:00+00'
                        OR ordered_time >= TIMESTAMPTZ '2100-01-01 00:00:00+00' THEN 'ordered_at_plausible'
                END,
                CASE WHEN product_id IS NULL AND line_class = 'goods' THEN 'product_id_present' END,
                CASE
                    WHEN NOT coalesce(
                        CASE kind WHEN 'sale' THEN quantity > 0 WHEN 'return' THEN quantity < 0 ELSE true END, false
                    ) THEN 'quantity_fits_kind'
                END,
                CASE
                    WHEN NOT coalesce(unit_price >= 0 OR kind = 'adjustment', false) THEN 'unit_price_not_negative'
                END
            ],
            lambda reason: reason IS NOT NULL
        )
    END AS reasons
FROM typed;

-- step: silver.order_lines_quarantine
COPY (
    SELECT 'shop' AS feed, raw, reasons, file, line, batch_id, ingested_at AS quarantined_at
    FROM lines_evaluated
    WHERE len(reasons) > 0
) TO '$out/silver/order_lines_quarantine/data.parquet';

-- step: silver.order_lines
COPY (
    SELECT
        'shop' AS feed,
        order_id, document_id, line_number, kind, line_class, ordered_time AS ordered_at, order_date, customer_id,
        product_id, country, quantity, unit_price,
        CAST(quantity * unit_price AS DECIMAL(18, 4)) AS amount,
        currency, payload_hash, batch_id, ingested_at
    FROM lines_evaluated
    WHERE len(reasons) = 0
    QUALIFY row_number() OVER (
        PARTITION BY order_id, document_id, line_number, kind ORDER BY ordered_time DESC, payload_hash DESC
    ) = 1
) TO '$out/silver/order_lines' (FORMAT parquet, PARTITION_BY (order_date));
DROP TABLE lines_evaluated;
CREATE VIEW order_lines AS FROM read_parquet('$out/silver/order_lines/*/*.parquet', hive_partitioning = true);

-- step: silver.payments_evaluated
CREATE TEMP TABLE payments_evaluated AS
WITH flat AS (
    SELECT * EXCLUDE (lines, payments), unnest(
        CASE WHEN is_unreadable OR payments IS NULL THEN [NULL] ELSE payments END
    ) AS part
    FROM order_records
    WHERE is_unreadable OR len(payments) > 0 OR coalesce(json_extract(raw, '$$.payments')::VARCHAR, '[]') <> '[]'
), typed AS (
    SELECT
        part.payment_id AS payment_id, order_id,
        CASE kind WHEN 'return' THEN 'refund' ELSE 'payment' END AS payment_kind,
        part.method AS method, part.status AS status,
        CASE WHEN kind = 'return' THEN -1 ELSE 1 END * TRY_CAST(part.amount AS DECIMAL(18, 2)) AS money,
        coalesce(currency, '$currency') AS currency,
        TRY_CAST(part.paid_at AS TIMESTAMPTZ) AS paid_at,
        CAST(timezone('$timezone', TRY_CAST(part.paid_at AS TIMESTAMPTZ)) AS DATE) AS paid_date,
        payload_hash, batch_id, ingested_at, is_unreadable, raw, file, line, part
    FROM flat
)
SELECT
    * EXCLUDE (is_unreadable, part),
    CASE
        WHEN is_unreadable THEN ['is_json_object']
        ELSE list_filter(
            [
                CASE WHEN part.paid_at IS NOT NULL AND paid_at IS NULL THEN 'paid_at_fits_type' END,
                CASE WHEN part.amount IS NOT NULL AND money IS NULL THEN 'amount_fits_type' END,
                CASE WHEN payment_id IS NULL THEN 'payment_id_present' END,
                CASE WHEN order_id IS NULL THEN 'order_id_present' END,
                CASE WHEN money IS NULL THEN 'amount_present' END,
                CASE WHEN paid_at IS NULL THEN 'paid_at_present' END,
                CASE
                    WHEN paid_at < TIMESTAMPTZ '2000-01-01 00:00:00+00'
                        OR paid_at >= TIMESTAMPTZ '2100-01-01 00:00:00+00' THEN 'paid_at_plausible'
                END,
                CASE
                    WHEN NOT coalesce(
                        CASE payment_kind WHEN 'refund' THEN money <= 0 ELSE money >= 0 END, false
                    ) THEN 'amount_fits_kind'
                END
            ],
            lambda reason: reason IS NOT NULL
        )
    END AS reasons
FROM typed;
DROP TABLE order_records;

-- step: silver.payments_quarantine
COPY (
    SELECT 'shop' AS feed, raw, reasons, file, line, batch_id, ingested_at AS quarantined_at
    FROM payments_evaluated
    WHERE len(reasons) > 0
) TO '$out/silver/payments_quarantine/data.parquet';

-- step: silver.payments
COPY (
    SELECT
        'shop' AS feed,
        payment_id, order_id, payment_kind AS kind, method, status,
        CAST(money AS DECIMAL(18, 2)) AS amount,
        currency, paid_at, paid_date, payload_hash, batch_id, ingested_at
    FROM payments_evaluated
    WHERE len(reasons) = 0
    QUALIFY row_number() OVER (PARTITION BY payment_id ORDER BY paid_at DESC, payload_hash DESC) = 1
) TO '$out/silver/payments/data.parquet';
DROP TABLE payments_evaluated;
