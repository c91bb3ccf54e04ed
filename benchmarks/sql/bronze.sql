-- The raw records as they arrived, with file and line. A file is read as text and cut into lines, so nothing in it
-- can stop the read; blank lines are numbered and skipped, as in shoplake.

-- step: lines
CREATE MACRO lines_of(files) AS TABLE
SELECT
    '$feed' AS feed,
    raw,
    file,
    line,
    CAST(NULL AS VARCHAR) AS header,
    CAST(NULL AS VARCHAR) AS problem,
    'b000000001' AS batch_id,
    now() AS ingested_at
FROM (
    SELECT
        unnest(lines) AS raw,
        parse_path(filename)[-2] || '/' || parse_path(filename)[-1] AS file,
        unnest(range(1, len(lines) + 1)) AS line
    FROM (SELECT filename, string_split(content, chr(10)) AS lines FROM read_text(files))
)
WHERE regexp_matches(raw, '\S');

-- step: bronze.events_raw
COPY (FROM lines_of('$events')) TO '$out/bronze/events_raw/data.parquet';

-- step: bronze.orders_raw
COPY (FROM lines_of('$orders')) TO '$out/bronze/orders_raw/data.parquet';

-- step: bronze.refunds_raw
COPY (FROM lines_of('$refunds')) TO '$out/bronze/refunds_raw/data.parquet';

-- step: bronze.product_changes_raw
COPY (FROM lines_of('$product_changes')) TO '$out/bronze/product_changes_raw/data.parquet';

-- step: bronze.customers_raw
COPY (
    WITH whole AS MATERIALIZED (SELECT * REPLACE (rtrim(raw, E'\r') AS raw) FROM lines_of('$customers'))
    SELECT whole.* REPLACE (first.raw AS header)
    FROM whole JOIN whole AS first ON first.file = whole.file AND first.line = 1
    WHERE whole.line > 1
) TO '$out/bronze/customers_raw/data.parquet';

-- step: bronze.exchange_rates_raw
COPY (
    WITH whole AS MATERIALIZED (SELECT * REPLACE (rtrim(raw, E'\r') AS raw) FROM lines_of('$exchange_rates'))
    SELECT whole.* REPLACE (first.raw AS header)
    FROM whole JOIN whole AS first ON first.file = whole.file AND first.line = 1
    WHERE whole.line > 1
) TO '$out/bronze/exchange_rates_raw/data.parquet';

-- step: bronze.spend_raw
COPY (
    WITH whole AS MATERIALIZED (SELECT * REPLACE (rtrim(raw, E'\r') AS raw) FROM lines_of('$spend'))
    SELECT whole.* REPLACE (first.raw AS header)
    FROM whole JOIN whole AS first ON first.file = whole.file AND first.line = 1
    WHERE whole.line > 1
) TO '$out/bronze/spend_raw/data.parquet';

-- step: bronze.products_raw
COPY (
    SELECT
        '$feed' AS feed,
        CAST(to_json(product) AS VARCHAR) AS raw,
        parse_path(filename)[-2] || '/' || parse_path(filename)[-1] AS file,
        CAST(NULL AS BIGINT) AS line,
        CAST(NULL AS VARCHAR) AS header,
        CAST(NULL AS VARCHAR) AS problem,
        'b000000001' AS batch_id,
        now() AS ingested_at
    FROM read_parquet('$products') AS product
) TO '$out/bronze/products_raw/data.parquet';
