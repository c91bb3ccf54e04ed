-- Exchange rates to the currency of the feed, and the periods in which each applies.

-- step: silver.exchange_rates_evaluated
CREATE TEMP TABLE rates_evaluated AS
WITH named AS (
    SELECT
        *,
        coalesce(len(cells) = len(names), false) AS is_readable,
        nullif(trim(cells[list_position(names, 'rate_date')]), '') AS rate_date_text,
        upper(nullif(trim(cells[list_position(names, 'currency')]), '')) AS currency,
        nullif(trim(cells[list_position(names, 'rate')]), '') AS rate_text,
        nullif(trim(cells[list_position(names, 'updated_at')]), '') AS updated_at_text
    FROM (
        SELECT *, string_split(raw, ',') AS cells, string_split(header, ',') AS names
        FROM read_parquet('$out/bronze/exchange_rates_raw/data.parquet')
    )
), typed AS (
    SELECT
        *,
        TRY_CAST(rate_date_text AS DATE) AS rate_date,
        TRY_CAST(rate_text AS DECIMAL(18, 10)) AS rate,
        coalesce(TRY_CAST(updated_at_text AS TIMESTAMPTZ), ingested_at) AS updated_at
    FROM named
)
SELECT
    currency, rate_date, rate, updated_at, hash(raw) AS payload_hash, raw, file, line, batch_id, ingested_at,
    CASE
        WHEN NOT is_readable THEN ['fields_fit_header']
        ELSE list_filter(
            [
                CASE WHEN rate_date_text IS NOT NULL AND rate_date IS NULL THEN 'rate_date_fits_type' END,
                CASE WHEN rate_text IS NOT NULL AND rate IS NULL THEN 'rate_fits_type' END,
                CASE
                    WHEN updated_at_text IS NOT NULL AND TRY_CAST(updated_at_text AS TIMESTAMPTZ) IS NULL
                        THEN 'updated_at_fits_type'
                END,
                CASE WHEN currency IS NULL THEN 'currency_present' END,
                CASE WHEN rate_date IS NULL THEN 'rate_date_present' END,
                CASE WHEN rate IS NULL THEN 'rate_present' END,
                CASE WHEN NOT coalesce(rate > 0, false) THEN 'rate_positive' END,
                CASE WHEN NOT coalesce(regexp_full_match(currency, '[A-Z]{3}'), false) THEN 'currency_is_code' END,
                CASE
                    WHEN NOT coalesce(rate_date >= DATE '1970-01-01' AND rate_date < DATE '2100-01-01', false)
                        THEN 'rate_date_plausible'
                END,
                CASE
                    WHEN updated_at < TIMESTAMPTZ '2000-01-01 00:00:00+00'
                        OR updated_at >= TIMESTAMPTZ '2100-01-01 00:00:00+00' THEN 'updated_at_plausible'
                END
            ],
            lambda reason: reason IS NOT NULL
        )
    END AS reasons
FROM typed;

-- step: silver.exchange_rates_quarantine
COPY (
    SELECT '$feed' AS feed, raw, reasons, file, line, batch_id, ingested_at AS quarantined_at
    FROM rates_evaluated
    WHERE len(reasons) > 0
) TO '$out/silver/exchange_rates_quarantine/data.parquet';

-- step: silver.exchange_rates
COPY (
    SELECT '$feed' AS feed, currency, rate_date, rate, updated_at, payload_hash, batch_id, ingested_at
    FROM rates_evaluated
    WHERE len(reasons) = 0
    QUALIFY row_number() OVER (PARTITION BY currency, rate_date ORDER BY updated_at DESC, payload_hash DESC) = 1
) TO '$out/silver/exchange_rates/data.parquet';
DROP TABLE rates_evaluated;

-- step: silver.exchange_rate_periods
COPY (
    SELECT
        feed,
        currency,
        rate_date AS first_date,
        CAST(lead(rate_date) OVER (PARTITION BY currency ORDER BY rate_date) - 1 AS DATE) AS last_date,
        rate
    FROM read_parquet('$out/silver/exchange_rates/data.parquet')
) TO '$out/silver/exchange_rate_periods/data.parquet';
