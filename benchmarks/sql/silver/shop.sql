-- Customers and products: all versions (SCD type 2), from snapshots.

-- step: silver.customers_evaluated
CREATE TEMP TABLE customers_evaluated AS
WITH cut AS (
    SELECT
        *,
        CASE
            WHEN NOT contains(raw, '"') THEN string_split(raw, ',')
            WHEN array_to_string(matches, ',') = raw THEN [
                CASE WHEN starts_with(cell, '"') THEN replace(cell[2:-2], '""', '"') ELSE cell END FOR cell IN matches
            ]
        END AS cells,
        string_split(header, ',') AS names
    FROM (
        SELECT
            *,
            CASE WHEN contains(raw, '"') THEN
                regexp_extract_all(',' || raw, ',("(?:[^"]|"")*"|[^",][^,]*|)', 1)
            END AS matches
        FROM read_parquet('$out/bronze/customers_raw/data.parquet')
    )
), named AS (
    SELECT
        *,
        coalesce(len(cells) = len(names), false) AS is_readable,
        nullif(trim(cells[list_position(names, 'customer_id')]), '') AS customer_id,
        nullif(trim(cells[list_position(names, 'signup_date')]), '') AS signup_date_text,
        nullif(trim(cells[list_position(names, 'location')]), '') AS location,
        nullif(trim(cells[list_position(names, 'email')]), '') AS email,
        nullif(trim(cells[list_position(names, 'phone')]), '') AS phone,
        nullif(trim(cells[list_position(names, 'updated_at')]), '') AS updated_at_text
    FROM cut
), typed AS (
    SELECT
        *,
        TRY_CAST(signup_date_text AS DATE) AS signup_date,
        TRY_CAST(updated_at_text AS TIMESTAMPTZ) AS updated_at
    FROM named
)
SELECT
    customer_id, signup_date, location, email, phone, updated_at,
    raw, file, line, batch_id, ingested_at,
    CASE
        WHEN NOT is_readable THEN ['fields_fit_header']
        ELSE list_filter(
            [
                CASE WHEN signup_date_text IS NOT NULL AND signup_date IS NULL THEN 'signup_date_fits_type' END,
                CASE WHEN updated_at_text IS NOT NULL AND updated_at IS NULL THEN 'updated_at_fits_type' END,
                CASE WHEN customer_id IS NULL THEN 'customer_id_present' END,
                CASE WHEN updated_at IS NULL THEN 'updated_at_present' END,
                CASE
                    WHEN updated_at < TIMESTAMPTZ '2000-01-01 00:00:00+00'
                        OR updated_at >= TIMESTAMPTZ '2100-01-01 00:00:00+00' THEN 'updated_at_plausible'
                END,
                CASE
                    WHEN NOT regexp_full_match(email, '[^@\s]+@[^@\s]+[.][^@\s.]+') THEN 'email_is_email'
                END
            ],
            lambda reason: reason IS NOT NULL
        )
    END AS reasons
FROM typed;

-- step: silver.customers_quarantine
COPY (
    SELECT
        '$feed' AS feed,
        CASE WHEN customer_id IS NOT NULL
            THEN CAST(json_object('customer_id', customer_id) AS VARCHAR) END AS record_key,
        raw, reasons, file, line, batch_id, ingested_at AS quarantined_at
    FROM customers_evaluated
    WHERE len(reasons) > 0
) TO '$out/silver/customers_quarantine/data.parquet';

-- step: silver.customers
-- Most rows of a snapshot repeat the one before: distinct ones first.
COPY (
    WITH changes AS (
        SELECT DISTINCT customer_id, signup_date, location, email, phone, updated_at
        FROM customers_evaluated
        WHERE len(reasons) = 0
    ), last_words AS (
        FROM changes
        QUALIFY row_number() OVER (
            PARTITION BY customer_id, updated_at
            ORDER BY signup_date DESC, location DESC, email DESC, phone DESC
        ) = 1
    ), versions AS (
        FROM last_words
        QUALIFY (signup_date, location, email, phone) IS DISTINCT FROM
            lag((signup_date, location, email, phone)) OVER (PARTITION BY customer_id ORDER BY updated_at)
    )
    SELECT
        '$feed' AS feed,
        * EXCLUDE (updated_at),
        updated_at AS valid_from,
        lead(updated_at) OVER (PARTITION BY customer_id ORDER BY updated_at) AS valid_to,
        valid_to IS NULL AS is_current
    FROM versions
) TO '$out/silver/customers/data.parquet';
DROP TABLE customers_evaluated;

-- step: silver.products_evaluated
CREATE TEMP TABLE products_evaluated AS
WITH records AS (
    SELECT
        *,
        from_json(
            raw,
            '{
                "product_id": "VARCHAR", "product_name": "VARCHAR", "category": "VARCHAR", "price": "VARCHAR",
                "cost": "VARCHAR", "updated_at": "VARCHAR"
            }'
        ) AS p,
        'snapshot' AS operation,
        CAST(NULL AS BIGINT) AS sequence
    FROM read_parquet('$out/bronze/products_raw/data.parquet')
    UNION ALL BY NAME
    SELECT
        * EXCLUDE (c),
        {
            product_id: c.product_id, product_name: c.product_name, category: c.category, price: c.price, cost: c.cost,
            updated_at: c.changed_at
        } AS p,
        lower(coalesce(c.op, '')) AS operation,
        TRY_CAST(c.sequence AS BIGINT) AS sequence
    FROM (
        SELECT
            *,
            from_json(
                raw,
                '{
                    "op": "VARCHAR", "sequence": "VARCHAR", "changed_at": "VARCHAR", "product_id": "VARCHAR",
                    "product_name": "VARCHAR", "category": "VARCHAR", "price": "VARCHAR", "cost": "VARCHAR"
                }'
            ) AS c
        FROM read_parquet('$out/bronze/product_changes_raw/data.parquet')
    )
), typed AS (
    SELECT
        *,
        CAST(TRY_CAST(p.price AS DECIMAL(14, 4)) AS DECIMAL(18, 4)) AS price,
        CAST(TRY_CAST(p.cost AS DECIMAL(14, 4)) AS DECIMAL(18, 4)) AS cost,
        TRY_CAST(p.updated_at AS TIMESTAMPTZ) AS updated_at
    FROM records
)
SELECT
    p.product_id AS product_id, p.product_name AS product_name, p.category AS category, price, cost, updated_at,
    operation, sequence, raw, file, line, batch_id, ingested_at,
    list_filter(
        [
            CASE WHEN p.price IS NOT NULL AND price IS NULL THEN 'price_fits_type' END,
            CASE WHEN p.cost IS NOT NULL AND cost IS NULL THEN 'cost_fits_type' END,
            CASE WHEN p.updated_at IS NOT NULL AND updated_at IS NULL THEN 'updated_at_fits_type' END,
            CASE WHEN p.product_id IS NULL THEN 'product_id_present' END,
            CASE WHEN updated_at IS NULL THEN 'updated_at_present' END,
            CASE
                WHEN updated_at < TIMESTAMPTZ '2000-01-01 00:00:00+00'
                    OR updated_at >= TIMESTAMPTZ '2100-01-01 00:00:00+00' THEN 'updated_at_plausible'
            END,
            CASE WHEN is_rounded(p.product_id) THEN 'product_id_has_all_digits' END,
            CASE WHEN price < 0 THEN 'price_not_negative' END,
            CASE WHEN cost < 0 THEN 'cost_not_negative' END,
            CASE WHEN operation NOT IN ('snapshot', 'insert', 'update', 'delete') THEN 'operation_known' END
        ],
        lambda reason: reason IS NOT NULL
    ) AS reasons
FROM typed;

-- step: silver.products_quarantine
COPY (
    SELECT
        '$feed' AS feed,
        CASE WHEN product_id IS NOT NULL THEN CAST(json_object('product_id', product_id) AS VARCHAR) END AS record_key,
        raw, reasons, file, line, batch_id, ingested_at AS quarantined_at
    FROM products_evaluated
    WHERE len(reasons) > 0
) TO '$out/silver/products_quarantine/data.parquet';

-- step: silver.products
-- A deletion is a change to no facts at all; it ends a version and is none itself.
COPY (
    WITH changes AS (
        SELECT DISTINCT
            product_id, updated_at, sequence, operation = 'delete' AS is_deleted,
            CASE WHEN operation <> 'delete' THEN {
                product_name: product_name, category: category, price: price, cost: cost
            } END AS facts
        FROM products_evaluated
        WHERE len(reasons) = 0
    ), last_words AS (
        FROM changes
        QUALIFY row_number() OVER (
            PARTITION BY product_id, updated_at
            ORDER BY
                sequence DESC NULLS LAST, is_deleted DESC, facts.product_name DESC NULLS LAST,
                facts.category DESC NULLS LAST, CAST(facts.price AS VARCHAR) DESC NULLS LAST,
                CAST(facts.cost AS VARCHAR) DESC NULLS LAST
        ) = 1
    ), versions AS (
        FROM last_words
        QUALIFY facts IS DISTINCT FROM lag(facts) OVER (PARTITION BY product_id ORDER BY updated_at)
    )
    SELECT
        '$feed' AS feed,
        product_id,
        unnest(facts),
        CAST(NULL AS VARCHAR) AS parent_category,
        true AS is_available,
        updated_at AS valid_from,
        valid_to,
        valid_to IS NULL AS is_current
    FROM (
        SELECT *, lead(updated_at) OVER (PARTITION BY product_id ORDER BY updated_at) AS valid_to FROM versions
    )
    WHERE NOT is_deleted
) TO '$out/silver/products/data.parquet';
DROP TABLE products_evaluated;

-- step: silver.categories
-- The feed has no category tree.
COPY (
    SELECT
        '$feed' AS feed, CAST(NULL AS VARCHAR) AS category_id, CAST(NULL AS VARCHAR) AS parent_id,
        CAST(NULL AS VARCHAR) AS root_id, CAST(NULL AS INTEGER) AS depth, CAST(NULL AS VARCHAR) AS path,
        CAST(NULL AS VARCHAR) AS problem
    LIMIT 0
) TO '$out/silver/categories/data.parquet';
