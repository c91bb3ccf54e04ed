-- Events: parsed once into a temporary table, evaluated, split into valid and invalid, one row per id.

-- step: silver.events_evaluated
CREATE TEMP TABLE judged AS
WITH parsed AS (
    SELECT
        raw, file, line, batch_id, ingested_at,
        json_extract_string(
            CASE WHEN starts_with(ltrim(raw), '{') AND json_valid(raw) THEN raw END,
            [
                'event_id', 'event_ts', 'event_name', 'user_id', 'anonymous_id', 'session_id', 'product_id', 'price',
                'quantity', 'order_id', 'currency', 'device', 'platform', 'page_url', 'user_agent', 'utm_source',
                'utm_medium', 'utm_campaign'
            ]
        ) AS cells
    FROM read_parquet('$out/bronze/events_raw/data.parquet')
), named AS (
    SELECT
        raw, file, line, batch_id, ingested_at,
        cells IS NULL AS is_unreadable,
        cells[1] AS event_id,
        cells[2] AS event_ts,
        cells[3] AS event_name,
        cells[4] AS user_id,
        cells[5] AS anonymous_id,
        cells[6] AS session_id,
        cells[7] AS product_id,
        cells[8] AS price,
        cells[9] AS quantity,
        cells[10] AS order_id,
        cells[11] AS currency,
        cells[12] AS device,
        cells[13] AS platform,
        cells[14] AS page_url,
        cells[15] AS user_agent,
        cells[16] AS utm_source,
        cells[17] AS utm_medium,
        cells[18] AS utm_campaign
    FROM parsed
), typed AS (
    SELECT
        '$feed' AS feed,
        event_id,
        TRY_CAST(event_ts AS TIMESTAMPTZ) AS event_at,
        CAST(timezone('$timezone', TRY_CAST(event_ts AS TIMESTAMPTZ)) AS DATE) AS event_date,
        CASE event_name
            WHEN 'view' THEN 'product_view'
            WHEN 'view_product' THEN 'product_view'
            WHEN 'addtocart' THEN 'add_to_cart'
            WHEN 'transaction' THEN 'purchase'
            ELSE event_name
        END AS event_name,
        coalesce(user_id, anonymous_id) AS visitor_id,
        user_id AS customer_id,
        anonymous_id,
        session_id,
        product_id,
        TRY_CAST(quantity AS INTEGER) AS quantity,
        CAST(TRY_CAST(price AS DECIMAL(14, 4)) AS DECIMAL(18, 4)) AS unit_price,
        order_id,
        coalesce(nullif(upper(trim(currency)), ''), '$currency') AS currency,
        device, platform, page_url, utm_source, utm_medium, utm_campaign,
        coalesce(
            regexp_matches(
                user_agent,
                'bot/|bot[;)\-]|\bbot\b|crawl|spider|slurp|facebookexternalhit|headless|lighthouse|curl/|python-requests',
                'i'
            ),
            false
        ) AS is_bot,
        hash(raw) AS payload_hash,
        batch_id, ingested_at,
        event_ts AS event_ts_text, quantity AS quantity_text, price AS price_text,
        is_unreadable,
        raw, file, line
    FROM named
), checked AS (
    SELECT
        *,
        event_id IS NOT NULL AND event_at IS NOT NULL AND visitor_id IS NOT NULL
        AND event_at >= TIMESTAMPTZ '2000-01-01 00:00:00+00' AND event_at < TIMESTAMPTZ '2100-01-01 00:00:00+00'
        AND coalesce(event_name IN (
            'page_view', 'product_view', 'add_to_cart', 'remove_from_cart', 'checkout_started', 'purchase'
        ), false)
        AND (price_text IS NULL OR coalesce(unit_price >= 0, false))
        AND (quantity_text IS NULL OR coalesce(quantity > 0, false)) AS is_good
    FROM typed
)
SELECT
    * EXCLUDE (event_ts_text, quantity_text, price_text, is_unreadable, raw, file, line),
    CASE WHEN NOT is_good THEN raw END AS raw,
    CASE WHEN NOT is_good THEN file END AS file,
    CASE WHEN NOT is_good THEN line END AS line,
    CASE
        WHEN is_good THEN NULL
        WHEN is_unreadable THEN ['is_json_object']
        ELSE list_filter(
            [
                CASE WHEN event_ts_text IS NOT NULL AND event_at IS NULL THEN 'event_ts_fits_type' END,
                CASE WHEN quantity_text IS NOT NULL AND quantity IS NULL THEN 'quantity_fits_type' END,
                CASE WHEN price_text IS NOT NULL AND unit_price IS NULL THEN 'price_fits_type' END,
                CASE WHEN event_id IS NULL THEN 'event_id_present' END,
                CASE WHEN event_at IS NULL THEN 'event_at_present' END,
                CASE WHEN event_name IS NULL THEN 'event_name_present' END,
                CASE WHEN visitor_id IS NULL THEN 'visitor_id_present' END,
                CASE
                    WHEN event_at < TIMESTAMPTZ '2000-01-01 00:00:00+00'
                        OR event_at >= TIMESTAMPTZ '2100-01-01 00:00:00+00' THEN 'event_at_plausible'
                END,
                CASE
                    WHEN coalesce(event_name, '') NOT IN (
                        'page_view', 'product_view', 'add_to_cart', 'remove_from_cart', 'checkout_started', 'purchase'
                    ) THEN 'event_name_known'
                END,
                CASE WHEN unit_price < 0 THEN 'unit_price_not_negative' END,
                CASE WHEN quantity <= 0 THEN 'quantity_positive' END,
                CASE WHEN quantity >= 1000000 THEN 'quantity_below_a_million' END,
                CASE WHEN quantity * unit_price >= 10000000000 THEN 'amount_below_ten_billion' END
            ],
            lambda reason: reason IS NOT NULL
        )
    END AS reasons
FROM checked;

-- step: silver.events_quarantine
COPY (
    SELECT
        feed,
        CASE WHEN event_id IS NOT NULL THEN CAST(json_object('event_id', event_id) AS VARCHAR) END AS record_key,
        raw, reasons, file, line, batch_id, ingested_at AS quarantined_at
    FROM judged
    WHERE NOT is_good
) TO '$out/silver/events_quarantine/data.parquet';

-- step: silver.events
-- Few ids come twice: only those are sorted.
CREATE TEMP TABLE repeated AS
SELECT event_id FROM judged WHERE is_good GROUP BY event_id HAVING count(*) > 1;
COPY (
    SELECT * EXCLUDE (is_good, raw, file, line, reasons) FROM judged
    WHERE is_good AND event_id NOT IN (FROM repeated)
    UNION ALL
    SELECT * EXCLUDE (is_good, raw, file, line, reasons) FROM judged
    WHERE is_good AND event_id IN (FROM repeated)
    QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY event_at, payload_hash) = 1
) TO '$out/silver/events' (FORMAT parquet, PARTITION_BY (event_date));
DROP TABLE judged;
