-- Orders and refunds: their lines (goods, shipping as line -1, discount as line -2) and their payments.

-- step: silver.order_records
CREATE TEMP TABLE order_records AS
SELECT
    'sale' AS kind, raw, file, line, batch_id, ingested_at, hash(raw) AS payload_hash,
    o.order_id, o.order_id AS document_id, o.ordered_at, o.customer_id, o.country, o.currency,
    o.lines, o.discount, o.shipping, o.payments, lower(o.status) AS status, o.updated_at, o IS NULL AS is_unreadable
FROM (
    SELECT
        *,
        from_json(
            CASE WHEN starts_with(ltrim(raw), '{') AND json_valid(raw) THEN raw END,
            '{
                "order_id": "VARCHAR", "ordered_at": "VARCHAR", "customer_id": "VARCHAR", "country": "VARCHAR",
                "currency": "VARCHAR", "discount": "VARCHAR", "shipping": "VARCHAR", "status": "VARCHAR",
                "updated_at": "VARCHAR",
                "lines": [{
                    "line_number": "VARCHAR", "product_id": "VARCHAR", "quantity": "VARCHAR", "unit_price": "VARCHAR",
                    "tax": "VARCHAR"
                }],
                "payments": [{
                    "payment_id": "VARCHAR", "method": "VARCHAR", "amount": "VARCHAR", "status": "VARCHAR",
                    "paid_at": "VARCHAR", "updated_at": "VARCHAR"
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
        payment_id: r.refund_id, method: CAST(NULL AS VARCHAR), amount: r.amount,
        status: CASE WHEN lower(r.status) = 'cancelled' THEN 'cancelled' ELSE 'refunded' END,
        paid_at: r.refunded_at, updated_at: CAST(NULL AS VARCHAR)
    }],
    lower(r.status), r.updated_at, r IS NULL
FROM (
    SELECT
        *,
        from_json(
            CASE WHEN starts_with(ltrim(raw), '{') AND json_valid(raw) THEN raw END,
            '{
                "refund_id": "VARCHAR", "order_id": "VARCHAR", "refunded_at": "VARCHAR", "customer_id": "VARCHAR",
                "country": "VARCHAR", "currency": "VARCHAR", "amount": "VARCHAR", "status": "VARCHAR",
                "updated_at": "VARCHAR",
                "lines": [{
                    "line_number": "VARCHAR", "product_id": "VARCHAR", "quantity": "VARCHAR", "unit_price": "VARCHAR",
                    "tax": "VARCHAR"
                }]
            }'
        ) AS r
    FROM read_parquet('$out/bronze/refunds_raw/data.parquet')
);

-- step: silver.order_lines_evaluated
CREATE TEMP TABLE lines_evaluated AS
WITH flat AS (
    SELECT
        CASE WHEN len(lines) = 0 THEN 'adjustment' ELSE kind END AS kind,
        CASE WHEN len(lines) = 0 THEN 'other' ELSE 'goods' END AS line_class,
        * EXCLUDE (kind, lines, discount, shipping, payments),
        unnest(
            CASE
                WHEN len(lines) > 0 THEN lines
                ELSE [{
                    line_number: CASE WHEN len(lines) = 0 THEN '0' END, product_id: CAST(NULL AS VARCHAR),
                    quantity: CASE WHEN len(lines) = 0 THEN '0' END,
                    unit_price: CASE WHEN len(lines) = 0 THEN '0' END, tax: CAST(NULL AS VARCHAR)
                }]
            END
        ) AS part,
        lines IS NULL AS is_part
    FROM order_records
    UNION ALL
    SELECT 'sale', 'shipping', * EXCLUDE (kind, lines, discount, shipping, payments),
        {line_number: '-1', product_id: NULL, quantity: '1', unit_price: shipping, tax: NULL},
        false
    FROM order_records
    WHERE lines IS NOT NULL AND shipping IS NOT NULL AND coalesce(TRY_CAST(shipping AS DECIMAL(18, 4)) <> 0, true)
    UNION ALL
    SELECT 'adjustment', 'discount', * EXCLUDE (kind, lines, discount, shipping, payments),
        {line_number: '-2', product_id: NULL, quantity: '1', unit_price: '-' || discount, tax: NULL},
        false
    FROM order_records
    WHERE lines IS NOT NULL AND discount IS NOT NULL AND coalesce(TRY_CAST(discount AS DECIMAL(18, 4)) <> 0, true)
), typed AS (
    SELECT
        order_id, document_id,
        TRY_CAST(part.line_number AS BIGINT) AS line_number,
        kind, line_class,
        TRY_CAST(ordered_at AS TIMESTAMPTZ) AS ordered_time,
        CAST(timezone('$timezone', TRY_CAST(ordered_at AS TIMESTAMPTZ)) AS DATE) AS order_date,
        status,
        TRY_CAST(updated_at AS TIMESTAMPTZ) AS updated_time,
        customer_id,
        part.product_id AS product_id,
        country,
        CASE WHEN kind = 'return' THEN -1 ELSE 1 END * TRY_CAST(part.quantity AS INTEGER) AS quantity,
        CAST(TRY_CAST(part.unit_price AS DECIMAL(14, 4)) AS DECIMAL(18, 4)) AS unit_price,
        CASE WHEN kind = 'return' THEN -1 ELSE 1 END * TRY_CAST(part.tax AS DECIMAL(14, 4)) AS tax,
        coalesce(nullif(upper(trim(currency)), ''), '$currency') AS currency,
        payload_hash, batch_id, ingested_at,
        is_unreadable, is_part, raw, file, line, part, ordered_at AS ordered_at_text, updated_at AS updated_at_text
    FROM flat
)
SELECT
    * EXCLUDE (is_unreadable, is_part, part, ordered_at_text, updated_at_text),
    CASE
        WHEN is_unreadable THEN ['is_json_object']
        WHEN is_part THEN ['lines_missing']
        ELSE list_filter(
            [
                CASE WHEN ordered_at_text IS NOT NULL AND ordered_time IS NULL THEN 'ordered_at_fits_type' END,
                CASE WHEN updated_at_text IS NOT NULL AND updated_time IS NULL THEN 'updated_at_fits_type' END,
                CASE WHEN part.line_number IS NOT NULL AND line_number IS NULL THEN 'line_number_fits_type' END,
                CASE WHEN part.quantity IS NOT NULL AND quantity IS NULL THEN 'quantity_fits_type' END,
                CASE WHEN part.unit_price IS NOT NULL AND unit_price IS NULL THEN 'unit_price_fits_type' END,
                CASE WHEN part.tax IS NOT NULL AND tax IS NULL THEN 'tax_fits_type' END,
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
                CASE
                    WHEN status NOT IN ('placed', 'paid', 'fulfilled', 'cancelled') THEN 'status_known'
                END,
                CASE WHEN product_id IS NULL AND line_class = 'goods' THEN 'product_id_present' END,
                CASE WHEN is_rounded(order_id) THEN 'order_id_has_all_digits' END,
                CASE WHEN is_rounded(product_id) THEN 'product_id_has_all_digits' END,
                CASE
                    WHEN NOT coalesce(
                        CASE kind WHEN 'sale' THEN quantity > 0 WHEN 'return' THEN quantity < 0 ELSE true END, false
                    ) THEN 'quantity_fits_kind'
                END,
                CASE
                    WHEN NOT coalesce(unit_price >= 0 OR kind = 'adjustment', false) THEN 'unit_price_not_negative'
                END,
                CASE WHEN abs(quantity * unit_price) >= 10000000000 THEN 'amount_below_ten_billion' END
            ],
            lambda reason: reason IS NOT NULL
        )
    END AS reasons
FROM typed;

-- step: silver.order_lines_quarantine
COPY (
    SELECT
        '$feed' AS feed,
        CASE
            WHEN order_id IS NOT NULL AND document_id IS NOT NULL
            THEN CAST(json_object('order_id', order_id, 'document_id', document_id) AS VARCHAR)
        END AS record_key,
        raw, reasons, file, line, batch_id, ingested_at AS quarantined_at
    FROM lines_evaluated
    WHERE len(reasons) > 0
) TO '$out/silver/order_lines_quarantine/data.parquet';

-- step: silver.order_lines
COPY (
    SELECT
        '$feed' AS feed,
        order_id, document_id, line_number, kind, line_class, status, ordered_time AS ordered_at, order_date,
        updated_time AS updated_at, customer_id, product_id, country, quantity, unit_price,
        CAST(quantity * unit_price AS DECIMAL(18, 4)) AS amount,
        tax, currency, 'order' AS price_source, file AS source_file, line AS version_line, payload_hash, batch_id,
        ingested_at
    FROM lines_evaluated
    SEMI JOIN (
        -- The newest version of each document, and the first of those that repeat it.
        SELECT order_id, document_id, batch_id, file, line
        FROM (
            SELECT
                *, row_number() OVER arrival AS place,
                coalesce(
                    updated_time IS NOT DISTINCT FROM lag(updated_time) OVER arrival
                        AND payload_hash = lag(payload_hash) OVER arrival,
                    false
                ) AS is_repeat
            FROM (
                SELECT DISTINCT order_id, document_id, batch_id, file, line, updated_time, payload_hash
                FROM lines_evaluated
                WHERE len(reasons) = 0
            )
            WINDOW arrival AS (
                PARTITION BY order_id, document_id
                ORDER BY
                    updated_time NULLS FIRST, CASE WHEN updated_time IS NOT NULL THEN payload_hash END,
                    batch_id, file, line
            )
        )
        WHERE NOT is_repeat
        QUALIFY place = max(place) OVER (PARTITION BY order_id, document_id)
    ) USING (order_id, document_id, batch_id, file, line)
    WHERE len(reasons) = 0
    QUALIFY row_number() OVER (PARTITION BY order_id, document_id, line_number, kind ORDER BY quantity) = 1
) TO '$out/silver/order_lines' (FORMAT parquet, PARTITION_BY (order_date));
DROP TABLE lines_evaluated;

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
        CASE WHEN kind = 'return' THEN -1 ELSE 1 END * TRY_CAST(part.amount AS DECIMAL(12, 2)) AS money,
        coalesce(nullif(upper(trim(currency)), ''), '$currency') AS currency,
        TRY_CAST(part.paid_at AS TIMESTAMPTZ) AS paid_at,
        CAST(timezone('$timezone', TRY_CAST(part.paid_at AS TIMESTAMPTZ)) AS DATE) AS paid_date,
        coalesce(part.updated_at, updated_at) AS updated_at_text,
        TRY_CAST(coalesce(part.updated_at, updated_at) AS TIMESTAMPTZ) AS updated_time,
        payload_hash, batch_id, ingested_at, is_unreadable, raw, file, line, part
    FROM flat
)
SELECT
    * EXCLUDE (is_unreadable, part, updated_at_text),
    CASE
        WHEN is_unreadable THEN ['is_json_object']
        ELSE list_filter(
            [
                CASE WHEN part.paid_at IS NOT NULL AND paid_at IS NULL THEN 'paid_at_fits_type' END,
                CASE WHEN updated_at_text IS NOT NULL AND updated_time IS NULL THEN 'updated_at_fits_type' END,
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
    SELECT
        '$feed' AS feed,
        CASE WHEN payment_id IS NOT NULL THEN CAST(json_object('payment_id', payment_id) AS VARCHAR) END AS record_key,
        raw, reasons, file, line, batch_id, ingested_at AS quarantined_at
    FROM payments_evaluated
    WHERE len(reasons) > 0
) TO '$out/silver/payments_quarantine/data.parquet';

-- step: silver.payments
COPY (
    SELECT
        '$feed' AS feed,
        payment_id, order_id, payment_kind AS kind, method, status,
        CAST(money AS DECIMAL(18, 2)) AS amount,
        currency, paid_at, paid_date, updated_time AS updated_at, file AS source_file, line AS version_line,
        payload_hash, batch_id, ingested_at
    FROM (
        SELECT
            *, row_number() OVER arrival AS place,
            coalesce(
                updated_time IS NOT DISTINCT FROM lag(updated_time) OVER arrival
                    AND payload_hash = lag(payload_hash) OVER arrival,
                false
            ) AS is_repeat
        FROM payments_evaluated
        WHERE len(reasons) = 0
        WINDOW arrival AS (
            PARTITION BY payment_id
            ORDER BY
                updated_time NULLS FIRST, CASE WHEN updated_time IS NOT NULL THEN payload_hash END,
                batch_id, file, line
        )
    )
    WHERE NOT is_repeat
    QUALIFY place = max(place) OVER (PARTITION BY payment_id)
) TO '$out/silver/payments/data.parquet';
DROP TABLE payments_evaluated;
