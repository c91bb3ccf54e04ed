-- Attribution: the touches of each order, and its revenue credited to them to the cent by eight models.

-- step: gold.session_touches
COPY (
    SELECT
        '$feed' AS feed,
        session_id,
        coalesce(i.person_id, s.visitor_id) AS person_id,
        s.started_at AS touched_at,
        s.session_date,
        s.ended_date,
        CAST(s.session_date + 31 AS DATE) AS last_order_date,
        channel_of(utm_source, utm_medium) AS channel,
        utm_source AS source,
        utm_medium AS medium,
        utm_campaign AS campaign,
        NOT is_bot
        AND NOT coalesce(is_site(
            known(utm_source),
            'paypal|stripe|klarna|adyen|mollie|worldpay|sagepay|opayo|braintree|braintreegateway|afterpay|clearpay|sofort'
            '|giropay|amazonpay|3dsecure|arcot|securesuite'
        ), false)
        AND coalesce(
            regexp_replace(known(utm_source), '^www\.', '')
            <> regexp_extract(lower(landing_page), '^[a-z]+://(www\.)?([^/:?#]+)', 2),
            true
        ) AS is_touch
    FROM sessions AS s LEFT JOIN session_identity AS i USING (session_id)
) TO '$out/gold/session_touches/data.parquet';

-- step: gold.credited_orders
-- Orders with their revenue, and the persons whose sessions can be their touches.
CREATE TEMP TABLE credited_orders AS
SELECT
    order_id, order_date, currency,
    min(ordered_at) AS ordered_at,
    max(customer_id) AS customer_id,
    unit(coalesce(sum(net), 0)) AS revenue,
    unit(sum(coalesce(net, 0) - coalesce(returned_net, 0))) AS net_revenue,
    bool_or(is_first_order) AS is_new_customer,
    bool_or(kind = 'sale') AS has_sale
FROM order_values
WHERE kind IN ('sale', 'discount') AND NOT is_cancelled
GROUP BY order_id, order_date, currency;
CREATE TEMP TABLE order_persons AS
WITH buyers AS (
    SELECT order_id, event_date AS order_date, min(person_id) AS person_id
    FROM purchases JOIN session_touches USING (session_id)
    WHERE order_id IS NOT NULL
    GROUP BY order_id, event_date
)
SELECT order_id, order_date, currency, ordered_at, has_sale, customer_id AS person_id
FROM credited_orders WHERE customer_id IS NOT NULL
UNION
SELECT order_id, order_date, currency, ordered_at, has_sale, b.person_id
FROM credited_orders JOIN buyers AS b USING (order_id, order_date);

-- step: gold.channel_transitions
-- Steps of the paths of each month: from a start over channels to an order, and from there on anew.
CREATE TEMP TABLE transitions AS
WITH steps AS (
    SELECT person_id, touched_at AS moment, 0 AS kind, session_id AS id, channel AS state, session_date AS day
    FROM session_touches WHERE is_touch
    UNION ALL
    SELECT max(person_id), min(ordered_at), 1, order_id, '(conversion)', order_date
    FROM order_persons WHERE has_sale GROUP BY order_id, order_date
), chained AS (
    SELECT
        CAST(date_trunc('month', day) AS DATE) AS fit_month,
        state,
        lag(state) OVER path AS before,
        lead(state) OVER path AS after
    FROM steps
    WINDOW path AS (PARTITION BY date_trunc('month', day), person_id ORDER BY moment, kind, id)
), moves AS (
    SELECT
        fit_month,
        CASE WHEN before IS NULL OR before = '(conversion)' THEN '(start)' ELSE before END AS come_from,
        state AS go_to
    FROM chained
    UNION ALL
    SELECT fit_month, state, '(null)' FROM chained WHERE after IS NULL AND state <> '(conversion)'
)
SELECT fit_month, come_from, go_to, count(*) AS count
FROM moves
WHERE NOT (come_from = '(start)' AND go_to = '(conversion)')
GROUP BY ALL;
COPY (
    SELECT '$feed' AS feed, fit_month, come_from, go_to, count AS transitions FROM transitions
) TO '$out/gold/channel_transitions/data.parquet';

-- step: gold.attribution_weights
-- python: fit_removal_effects
COPY (
    SELECT
        '$feed' AS feed,
        fit_month, channel,
        CASE
            WHEN fit_month = min(fit_month) OVER () THEN fit_month ELSE CAST(fit_month + INTERVAL 1 MONTH AS DATE)
        END AS first_date,
        CAST(fit_month + INTERVAL 2 MONTH - INTERVAL 1 DAY AS DATE) AS last_date,
        effect AS removal_effect,
        coalesce(effect / nullif(sum(effect) OVER (PARTITION BY fit_month), 0), 0) AS weight
    FROM removal_effects
) TO '$out/gold/attribution_weights/data.parquet';

-- step: gold.attribution_touches
COPY (
    WITH found AS (
        SELECT DISTINCT
            order_id, order_date, currency, session_id, touched_at, channel, source, medium, campaign
        FROM order_persons AS o
        JOIN session_touches AS t USING (person_id)
        WHERE is_touch AND touched_at BETWEEN ordered_at - INTERVAL 720 HOUR AND ordered_at
    ), numbered AS (
        SELECT
            o.* EXCLUDE (customer_id, has_sale),
            CAST(has_sale AS INTEGER) AS orders,
            t.session_id, t.touched_at, t.source, t.medium, t.campaign,
            coalesce(t.channel, '(none)') AS channel,
            CAST(count(t.session_id) OVER (PARTITION BY o.order_id, o.order_date, o.currency) AS INTEGER) AS touches,
            row_number() OVER (
                PARTITION BY o.order_id, o.order_date, o.currency ORDER BY t.touched_at, t.session_id
            ) AS place,
            coalesce(epoch_us(ordered_at) - epoch_us(t.touched_at), 0) AS age
        FROM credited_orders AS o
        LEFT JOIN found AS t ON t.order_id = o.order_id AND t.order_date = o.order_date AND t.currency = o.currency
    ), rated AS (
        SELECT
            n.*,
            coalesce(removal_effect, 0) AS effect,
            n.channel = 'direct' AS is_direct,
            n.channel IN ('paid_search', 'paid_social', 'display', 'affiliate') AS is_paid,
            greatest(touches, 1) AS count,
            max(place) FILTER (n.channel <> 'direct') OVER of_order AS last_other,
            max(place) FILTER (
                n.channel IN ('paid_search', 'paid_social', 'display', 'affiliate')
            ) OVER of_order AS last_paid
        FROM numbered AS n
        LEFT JOIN attribution_weights AS w ON w.channel = n.channel
            AND n.order_date BETWEEN w.first_date AND w.last_date
        WINDOW of_order AS (PARTITION BY order_id, n.order_date, currency)
    ), weighed AS (
        SELECT
            *,
            unnest([
                {model: 'first', weight: CAST(place = 1 AS HUGEINT)},
                {model: 'last', weight: CAST(place = count AS HUGEINT)},
                {model: 'last_non_direct', weight: CAST(place = coalesce(last_other, count) AS HUGEINT)},
                {model: 'last_paid', weight: CAST(place = coalesce(last_paid, last_other, count) AS HUGEINT)},
                {model: 'linear', weight: CAST(1 AS HUGEINT)},
                {
                    model: 'position',
                    weight: CAST(CASE WHEN place IN (1, count) THEN greatest(2 * (count - 2), 1) ELSE 1 END AS HUGEINT)
                },
                {
                    model: 'decay',
                    weight: CAST(round_even(pow(2, -age / 604800000000) * 100000000, 0) AS HUGEINT)
                },
                {model: 'data_driven', weight: CAST(round_even(greatest(effect, 0) * 100000000, 0) AS HUGEINT)}
            ], recursive := true)
        FROM rated
    ), usable AS (
        SELECT
            * REPLACE (CASE WHEN sum(weight) OVER of_model = 0 THEN 1 ELSE weight END AS weight)
        FROM weighed
        WINDOW of_model AS (PARTITION BY order_id, order_date, currency, model)
    ), amounts AS (
        SELECT
            *,
            unnest([
                {what: 'weight', amount: CAST(1000000 AS HUGEINT), step: 1},
                {what: 'revenue', amount: CAST(revenue * 10000 AS HUGEINT), step: minor_unit(currency)},
                {what: 'net_revenue', amount: CAST(net_revenue * 10000 AS HUGEINT), step: minor_unit(currency)}
            ], recursive := true)
        FROM usable
    ), shared AS (
        SELECT
            *,
            sum(weight) OVER part AS weights,
            abs(amount) // step * weight // weights AS share,
            abs(amount) // step * weight % weights AS rest
        FROM amounts
        WINDOW part AS (PARTITION BY order_id, order_date, currency, model, what)
    ), ranked AS (
        SELECT
            *,
            abs(amount) // step - sum(share) OVER (PARTITION BY order_id, order_date, currency, model, what) AS missing,
            row_number() OVER (
                PARTITION BY order_id, order_date, currency, model, what ORDER BY rest DESC, weight = 0, place
            ) AS rank
        FROM shared
    ), credits AS (
        SELECT
            *,
            sign(amount) * (
                (share + CASE WHEN rank <= missing THEN 1 ELSE 0 END) * step
                + CASE WHEN rank = missing + 1 THEN abs(amount) % step ELSE 0 END
            ) AS credit
        FROM ranked
    )
    SELECT
        '$feed' AS feed,
        order_id,
        CAST(CASE WHEN session_id IS NULL THEN 0 ELSE place END AS INTEGER) AS touch_number,
        touches, order_date, ordered_at, currency, session_id, touched_at,
        CASE WHEN session_id IS NOT NULL THEN CAST(age AS DOUBLE) / 86400000000 END AS days_before,
        channel, source, medium, campaign, is_direct, is_new_customer, orders, revenue, net_revenue,
        millionths(sum(credit) FILTER (what = 'weight' AND model = 'first')) AS weight_first,
        millionths(sum(credit) FILTER (what = 'weight' AND model = 'last')) AS weight_last,
        millionths(sum(credit) FILTER (what = 'weight' AND model = 'last_non_direct')) AS weight_last_non_direct,
        millionths(sum(credit) FILTER (what = 'weight' AND model = 'last_paid')) AS weight_last_paid,
        millionths(sum(credit) FILTER (what = 'weight' AND model = 'linear')) AS weight_linear,
        millionths(sum(credit) FILTER (what = 'weight' AND model = 'position')) AS weight_position,
        millionths(sum(credit) FILTER (what = 'weight' AND model = 'decay')) AS weight_decay,
        millionths(sum(credit) FILTER (what = 'weight' AND model = 'data_driven')) AS weight_data_driven,
        ten_thousandths(sum(credit) FILTER (what = 'revenue' AND model = 'first')) AS revenue_first,
        ten_thousandths(sum(credit) FILTER (what = 'revenue' AND model = 'last')) AS revenue_last,
        ten_thousandths(sum(credit) FILTER (what = 'revenue' AND model = 'last_non_direct')) AS revenue_last_non_direct,
        ten_thousandths(sum(credit) FILTER (what = 'revenue' AND model = 'last_paid')) AS revenue_last_paid,
        ten_thousandths(sum(credit) FILTER (what = 'revenue' AND model = 'linear')) AS revenue_linear,
        ten_thousandths(sum(credit) FILTER (what = 'revenue' AND model = 'position')) AS revenue_position,
        ten_thousandths(sum(credit) FILTER (what = 'revenue' AND model = 'decay')) AS revenue_decay,
        ten_thousandths(sum(credit) FILTER (what = 'revenue' AND model = 'data_driven')) AS revenue_data_driven,
        ten_thousandths(sum(credit) FILTER (what = 'net_revenue' AND model = 'first')) AS net_revenue_first,
        ten_thousandths(sum(credit) FILTER (what = 'net_revenue' AND model = 'last')) AS net_revenue_last,
        ten_thousandths(sum(credit) FILTER (what = 'net_revenue' AND model = 'last_non_direct'))
            AS net_revenue_last_non_direct,
        ten_thousandths(sum(credit) FILTER (what = 'net_revenue' AND model = 'last_paid')) AS net_revenue_last_paid,
        ten_thousandths(sum(credit) FILTER (what = 'net_revenue' AND model = 'linear')) AS net_revenue_linear,
        ten_thousandths(sum(credit) FILTER (what = 'net_revenue' AND model = 'position')) AS net_revenue_position,
        ten_thousandths(sum(credit) FILTER (what = 'net_revenue' AND model = 'decay')) AS net_revenue_decay,
        ten_thousandths(sum(credit) FILTER (what = 'net_revenue' AND model = 'data_driven')) AS net_revenue_data_driven
    FROM credits
    GROUP BY ALL
) TO '$out/gold/attribution_touches/data.parquet';
DROP TABLE credited_orders;
DROP TABLE order_persons;
DROP TABLE transitions;

-- step: gold.attribution_daily
COPY (
    WITH models AS (
        SELECT unnest([
            'first', 'last', 'last_non_direct', 'last_paid', 'linear', 'position', 'decay', 'data_driven'
        ]) AS model
    ), long AS (
        SELECT
            order_date, currency, model, channel,
            coalesce(campaign, '(none)') AS campaign,
            is_new_customer,
            CASE WHEN orders = 1 THEN weight ELSE 0 END AS share,
            revenue, net_revenue
        FROM (
            SELECT
                order_date, currency, channel, campaign, is_new_customer, orders,
                unnest([
                    {model: 'first', weight: weight_first, revenue: revenue_first, net_revenue: net_revenue_first},
                    {model: 'last', weight: weight_last, revenue: revenue_last, net_revenue: net_revenue_last},
                    {
                        model: 'last_non_direct', weight: weight_last_non_direct, revenue: revenue_last_non_direct,
                        net_revenue: net_revenue_last_non_direct
                    },
                    {
                        model: 'last_paid', weight: weight_last_paid, revenue: revenue_last_paid,
                        net_revenue: net_revenue_last_paid
                    },
                    {model: 'linear', weight: weight_linear, revenue: revenue_linear, net_revenue: net_revenue_linear},
                    {
                        model: 'position', weight: weight_position, revenue: revenue_position,
                        net_revenue: net_revenue_position
                    },
                    {model: 'decay', weight: weight_decay, revenue: revenue_decay, net_revenue: net_revenue_decay},
                    {
                        model: 'data_driven', weight: weight_data_driven, revenue: revenue_data_driven,
                        net_revenue: net_revenue_data_driven
                    }
                ], recursive := true)
            FROM attribution_touches
        )
    ), credited AS (
        SELECT
            order_date, currency, model, channel, campaign,
            CAST(sum(share) AS DECIMAL(18, 6)) AS orders,
            CAST(coalesce(sum(share) FILTER (is_new_customer), 0) AS DECIMAL(18, 6)) AS new_customer_orders,
            unit(sum(revenue)) AS revenue,
            unit(sum(net_revenue)) AS net_revenue
        FROM long
        GROUP BY order_date, currency, model, channel, campaign
    ), spent AS (
        SELECT cost_date AS order_date, currency, model, channel, campaign, unit(sum(cost)) AS spend
        FROM ad_costs CROSS JOIN models
        GROUP BY ALL
    )
    SELECT
        '$feed' AS feed,
        order_date, currency, model, channel, campaign,
        coalesce(orders, 0) AS orders,
        coalesce(new_customer_orders, 0) AS new_customer_orders,
        coalesce(revenue, 0) AS revenue,
        coalesce(net_revenue, 0) AS net_revenue,
        spend,
        ratio(coalesce(revenue, 0), spend) AS roas
    FROM credited FULL JOIN spent USING (order_date, currency, model, channel, campaign)
) TO '$out/gold/attribution_daily/data.parquet';
