-- Ad costs: the latest that were published for a day, source, medium, campaign and currency.

-- step: silver.spend_evaluated
CREATE TEMP TABLE spend_evaluated AS
WITH named AS (
    SELECT
        *,
        coalesce(len(cells) = len(names), false) AS is_readable,
        nullif(trim(cells[list_position(names, 'cost_date')]), '') AS cost_date_text,
        lower(nullif(trim(cells[list_position(names, 'source')]), '')) AS source,
        lower(nullif(trim(cells[list_position(names, 'medium')]), '')) AS medium,
        coalesce(nullif(trim(cells[list_position(names, 'campaign')]), ''), '(none)') AS campaign,
        nullif(trim(cells[list_position(names, 'cost')]), '') AS cost_text,
        coalesce(upper(nullif(trim(cells[list_position(names, 'currency')]), '')), '$currency') AS currency,
        nullif(trim(cells[list_position(names, 'clicks')]), '') AS clicks_text,
        nullif(trim(cells[list_position(names, 'impressions')]), '') AS impressions_text,
        nullif(trim(cells[list_position(names, 'updated_at')]), '') AS updated_at_text
    FROM (
        SELECT *, string_split(raw, ',') AS cells, string_split(header, ',') AS names
        FROM read_parquet('$out/bronze/spend_raw/data.parquet')
    )
), typed AS (
    SELECT
        *,
        TRY_CAST(cost_date_text AS DATE) AS cost_date,
        TRY_CAST(cost_text AS DECIMAL(18, 4)) AS cost,
        TRY_CAST(clicks_text AS BIGINT) AS clicks,
        TRY_CAST(impressions_text AS BIGINT) AS impressions,
        coalesce(TRY_CAST(updated_at_text AS TIMESTAMPTZ), ingested_at) AS updated_at
    FROM named
)
SELECT
    *, hash(raw) AS payload_hash,
    is_readable AND cost_date >= DATE '1970-01-01' AND cost_date < DATE '2100-01-01' AND source IS NOT NULL
    AND medium IS NOT NULL AND cost >= 0 AND regexp_full_match(currency, '[A-Z]{3}')
    AND (clicks_text IS NULL OR coalesce(clicks >= 0, false))
    AND (impressions_text IS NULL OR coalesce(impressions >= 0, false))
    AND min(hash(raw)) OVER same = max(hash(raw)) OVER same AS is_good
FROM typed
WINDOW same AS (PARTITION BY batch_id, file, cost_date, source, medium, campaign, currency, updated_at);

-- step: silver.ad_costs_quarantine
COPY (
    SELECT '$feed' AS feed, raw, file, line, batch_id, ingested_at AS quarantined_at
    FROM spend_evaluated
    WHERE NOT coalesce(is_good, false)
) TO '$out/silver/ad_costs_quarantine/data.parquet';

-- step: silver.ad_costs
COPY (
    SELECT
        '$feed' AS feed, cost_date, source, medium, campaign, channel_of(source, medium) AS channel, cost, currency,
        clicks,
        impressions, updated_at, payload_hash, batch_id, ingested_at
    FROM spend_evaluated
    WHERE is_good
    QUALIFY row_number() OVER (
        PARTITION BY cost_date, source, medium, campaign, currency ORDER BY updated_at DESC, payload_hash DESC
    ) = 1
) TO '$out/silver/ad_costs/data.parquet';
DROP TABLE spend_evaluated;
