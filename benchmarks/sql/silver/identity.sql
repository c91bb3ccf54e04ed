-- Identity: the customers of devices, and the person of each session and event. A device never merges customers.

-- step: silver.device_logins
COPY (
    SELECT
        '$feed' AS feed,
        anonymous_id, customer_id,
        event_date AS login_date,
        epoch_us(event_at) // 1800000000 AS slot,
        min(event_at) AS first_seen_at,
        max(event_at) AS last_seen_at,
        count(*) AS events,
        CAST(event_date - 2 AS DATE) AS first_session_date,
        CAST(event_date + 1 AS DATE) AS last_session_date
    FROM events
    WHERE anonymous_id IS NOT NULL AND customer_id IS NOT NULL
    GROUP BY ALL
) TO '$out/silver/device_logins/data.parquet';

-- step: silver.identity_links
COPY (
    SELECT
        '$feed' AS feed,
        anonymous_id, customer_id,
        min(first_seen_at) AS first_seen_at,
        max(last_seen_at) AS last_seen_at,
        min(login_date) AS first_seen_date,
        CAST(sum(events) AS BIGINT) AS events,
        count(*) OVER (PARTITION BY anonymous_id) > 1 AS is_shared
    FROM device_logins
    GROUP BY anonymous_id, customer_id
) TO '$out/silver/identity_links/data.parquet';

-- step: silver.device_owners
COPY (
    SELECT
        feed, anonymous_id, customer_id, first_seen_at,
        CAST(first_seen_date - 31 AS DATE) AS first_session_date,
        first_seen_date AS last_session_date
    FROM identity_links
    WHERE NOT is_shared
) TO '$out/silver/device_owners/data.parquet';

-- step: silver.session_identity
-- Logins are compared by the half hour, as in `device_logins`; a session without a customer is that of its device.
COPY (
    WITH nearby AS (
        SELECT s.session_id, min(l.customer_id) AS customer_id
        FROM sessions AS s
        JOIN device_logins AS l
            ON l.anonymous_id = s.visitor_id
            AND l.last_seen_at >= s.started_at - INTERVAL 30 MINUTE
            AND l.first_seen_at <= least(s.ended_at + INTERVAL 30 MINUTE, s.started_at + INTERVAL 24 HOUR)
        WHERE s.customer_id IS NULL
        GROUP BY s.session_id
        HAVING count(DISTINCT l.customer_id) = 1
    )
    SELECT
        '$feed' AS feed,
        session_id, s.visitor_id, s.started_at, s.ended_at, s.session_date, s.ended_date,
        CASE
            WHEN s.customer_id IS NOT NULL THEN 'own'
            WHEN n.customer_id IS NOT NULL THEN 'session'
            WHEN o.first_seen_at > s.started_at AND o.first_seen_at <= s.started_at + INTERVAL 720 HOUR THEN 'backward'
            ELSE 'none'
        END AS match,
        CASE match
            WHEN 'own' THEN s.customer_id
            WHEN 'session' THEN n.customer_id
            WHEN 'backward' THEN o.customer_id
            ELSE s.visitor_id
        END AS person_id
    FROM sessions AS s
    LEFT JOIN nearby AS n USING (session_id)
    LEFT JOIN device_owners AS o ON o.anonymous_id = s.visitor_id
) TO '$out/silver/session_identity/data.parquet';

-- step: silver.event_identity
COPY (
    SELECT
        '$feed' AS feed,
        event_id, event_date, e.visitor_id,
        coalesce(e.customer_id, CASE WHEN s.match <> 'none' THEN s.person_id END, e.visitor_id) AS person_id,
        CASE WHEN e.customer_id IS NOT NULL THEN 'own' ELSE coalesce(s.match, 'none') END AS match
    FROM events AS e
    ASOF LEFT JOIN session_identity AS s ON s.visitor_id = e.visitor_id AND s.started_at <= e.event_at
) TO '$out/silver/event_identity/data.parquet';
