-- Settings, and what several scripts compute.

-- step: setup
SET threads = 2;
SET memory_limit = '$memory';
SET temp_directory = '$out/.tmp';
SET preserve_insertion_order = false;
SET TimeZone = 'UTC';
CREATE MACRO money(amount) AS CAST(coalesce(amount, 0) AS DECIMAL(18, 2));
CREATE MACRO unit(amount) AS CAST(amount AS DECIMAL(18, 4));
-- A sum that is 0 without rows, and unknown where rows have no known amount.
CREATE MACRO total(amount, known) AS unit(coalesce(amount, CASE WHEN known = 0 THEN 0 END));
-- What is known of an amount: unknown where a part is and the rest is 0.
CREATE MACRO known_part(amount, is_whole) AS unit(CASE WHEN is_whole OR amount <> 0 THEN amount END);
CREATE MACRO sum_known(amount) AS known_part(sum(amount), count(amount) = count(*));
CREATE MACRO net_of(gross, discounts, returns) AS known_part(
    coalesce(gross, 0) - coalesce(discounts, 0) - coalesce(returns, 0),
    gross IS NOT NULL AND discounts IS NOT NULL AND returns IS NOT NULL
);
-- The product of two decimals of 18 digits has more.
CREATE MACRO converted(amount, rate) AS unit(CAST(unit(amount) AS DECIMAL(38, 4)) * rate);
CREATE MACRO ratio(part, base) AS CAST(part AS DOUBLE) / nullif(CAST(base AS DOUBLE), 0);
CREATE MACRO local_date(instant) AS CAST(timezone('$timezone', instant) AS DATE);
-- Whole numbers of 0.0001 and of 0.000001 as decimals.
CREATE MACRO ten_thousandths(number) AS CAST(
    CAST(number AS DECIMAL(38, 0)) * CAST(0.0001 AS DECIMAL(5, 4)) AS DECIMAL(18, 4)
);
CREATE MACRO millionths(number) AS CAST(
    CAST(number AS DECIMAL(38, 0)) * CAST(0.000001 AS DECIMAL(7, 6)) AS DECIMAL(18, 6)
);
-- A decimal(18,4) over a whole number, rounded half away from zero to 0.0001 × `step`; DuckDB divides decimals as
-- doubles.
CREATE MACRO divide(amount, count, step) AS ten_thousandths(
    sign(amount) * ((2 * CAST(abs(amount) * 10000 AS HUGEINT) + count * step) // nullif(2 * count * step, 0) * step)
);
-- The smallest amount of a currency in ten-thousandths.
CREATE MACRO minor_unit(currency) AS CASE
    WHEN currency IN (
        'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'
    ) THEN 10000
    WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 10
    ELSE 100
END;
CREATE MACRO known(part) AS CASE
    WHEN lower(trim(part)) NOT IN ('', '(direct)', 'direct', '(none)', 'none', '(not set)') THEN lower(trim(part))
END;
CREATE MACRO is_site(source, names) AS regexp_matches(source, '(^|[./])(' || names || ')(\z|[./])');
CREATE MACRO is_social(source) AS is_site(
    source, 'facebook|fb|instagram|ig|tiktok|pinterest|twitter|x|t\.co|linkedin|reddit|snapchat|threads|meta|youtube'
);
CREATE MACRO is_search(source) AS is_site(
    source, 'google|bing|yahoo|duckduckgo|baidu|yandex|ecosia|qwant|startpage|brave'
);
CREATE MACRO is_paid_medium(medium) AS regexp_matches(medium, '^(.*cp.*|ppc|paid.*|retargeting|sem)\z');
CREATE MACRO is_link(medium) AS coalesce(medium, 'link') IN ('referral', 'link', 'app');
CREATE MACRO channel_of(source, medium) AS CASE
    WHEN known(source) IS NULL AND known(medium) IS NULL THEN 'direct'
    WHEN known(medium) IN ('affiliate', 'affiliates') THEN 'affiliate'
    WHEN coalesce(known(medium), known(source)) IN ('email', 'e-mail', 'e_mail', 'e mail', 'newsletter') THEN 'email'
    WHEN known(medium) IN ('display', 'banner', 'cpm', 'interstitial', 'expandable') THEN 'display'
    WHEN regexp_matches(known(medium), '^(paid|cpc)[ _-]?social\z') THEN 'paid_social'
    WHEN is_paid_medium(known(medium)) AND is_social(known(source)) THEN 'paid_social'
    WHEN is_paid_medium(known(medium)) THEN 'paid_search'
    WHEN known(medium) IN (
        'social', 'social-network', 'social-media', 'social_media', 'sm', 'social network', 'social media'
    ) THEN 'social'
    WHEN is_link(known(medium)) AND is_social(known(source)) THEN 'social'
    WHEN known(medium) = 'organic' THEN 'organic_search'
    WHEN is_link(known(medium)) AND is_search(known(source)) THEN 'organic_search'
    WHEN known(medium) IN ('referral', 'link', 'app') THEN 'referral'
    ELSE '(other)'
END;
CREATE MACRO segment_of(recency_score, frequency, monetary_score, lifetime_orders) AS CASE
    WHEN recency_score >= 4 AND monetary_score >= 4 AND frequency >= 2 THEN 'champions'
    WHEN recency_score >= 3 AND frequency >= 2 THEN 'loyal'
    WHEN recency_score >= 4 AND lifetime_orders = 1 THEN 'new'
    WHEN recency_score >= 4 THEN 'promising'
    WHEN recency_score = 3 AND monetary_score >= 4 THEN 'big_spenders'
    WHEN recency_score = 3 THEN 'needs_attention'
    WHEN monetary_score >= 4 THEN 'cannot_lose'
    WHEN recency_score = 2 THEN 'at_risk'
    ELSE 'lost'
END;
-- The bounds of the 95 % Wilson interval; `side` is -1 or 1.
CREATE MACRO exact_wilson(hits, trials, side) AS (
    hits / trials + 3.841458820694124 / (2 * trials)
    + side * 1.959963984540054 * sqrt(
        hits / trials * (1 - hits / trials) / trials + 3.841458820694124 / (4 * trials * trials)
    )
) / (1 + 3.841458820694124 / trials);
CREATE MACRO wilson(hits, trials, side) AS round(exact_wilson(hits, trials, side), 6);

-- An identifier that a spreadsheet rounded.
CREATE MACRO is_rounded(id) AS regexp_full_match(id, '[0-9]([.,][0-9]+)?[Ee][+][0-9]+');
