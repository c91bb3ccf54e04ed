-- Watching: the daily measures of the shop and of its segments, and the days on which they are unusual.

-- step: gold.daily_measures
COPY (
    WITH lines AS (
        SELECT
            order_date AS measure_date, order_id, currency, quantity, gross,
            unnest([
                '(all)',
                'country=' || coalesce(country, '(unknown)'),
                'category=' || coalesce(top_category, '(unknown)'),
                'channel=' || coalesce(channel, '(unknown)'),
                'device=' || coalesce(device, '(unknown)')
            ]) AS segment
        FROM order_values
        WHERE kind = 'sale' AND NOT is_cancelled
    ), visits AS (
        SELECT
            session_date AS measure_date,
            unnest([
                '(all)', 'channel=' || coalesce(channel, '(unknown)'), 'device=' || coalesce(device, '(unknown)')
            ]) AS segment
        FROM sessions
        WHERE NOT is_bot
    ), measures AS (
        SELECT
            measure_date, 'orders' AS measure, CAST(NULL AS VARCHAR) AS currency, segment,
            count(DISTINCT order_id) AS value,
            count(DISTINCT order_id) AS observations
        FROM lines GROUP BY measure_date, segment
        UNION ALL
        SELECT measure_date, 'units', NULL, segment, sum(quantity), count(DISTINCT order_id)
        FROM lines GROUP BY measure_date, segment
        UNION ALL
        SELECT measure_date, 'gross_sales', currency, segment, sum(gross), count(DISTINCT order_id)
        FROM lines GROUP BY measure_date, segment, currency
        UNION ALL
        SELECT measure_date, 'sessions', NULL, segment, count(*), count(*) FROM visits GROUP BY measure_date, segment
    )
    SELECT '$feed' AS feed, * REPLACE (unit(coalesce(value, 0)) AS value) FROM measures
) TO '$out/gold/daily_measures/data.parquet';

-- step: gold.sales_anomalies
-- python: find_anomalies
COPY (
    SELECT
        '$feed' AS feed,
        anomaly_date, measure, currency, segment,
        unit(actual) AS actual,
        unit(expected) AS expected,
        unit(low) AS low,
        unit(high) AS high,
        round(score, 6) AS score,
        kind, explained_by
    FROM found_anomalies
) TO '$out/gold/sales_anomalies/data.parquet';
