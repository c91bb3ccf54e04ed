STEPS = {"view": "product_view", "addtocart": "add_to_cart", "transaction": "purchase"}


def by_step(landing, measure):
    return {STEPS[name]: count for name, count in landing.rows(f"SELECT event, {measure} FROM events GROUP BY 1")}


def test_events_and_their_visitors_are_counted(clean):
    [(events, visitors)] = clean.rows("SELECT count(*), count(DISTINCT visitorid) FROM (SELECT DISTINCT * FROM events)")

    assert (clean.ground_truth["events"], clean.ground_truth["visitors"]) == (events, visitors)
    assert clean.ground_truth["events_by_name"] == by_step(clean, "count(*)")
    assert clean.ground_truth["funnel_visitors"] == by_step(clean, "count(DISTINCT visitorid)")
    assert clean.ground_truth["product_funnel"] == by_step(clean, "count(DISTINCT (visitorid, itemid))")
    assert sum(clean.ground_truth["events_daily"].values()) == events


def test_sessions_end_after_half_an_hour_of_silence(clean):
    [(sessions,)] = clean.rows("""
        SELECT count_if(pause IS NULL OR pause > 1800000)
        FROM (SELECT timestamp - lag(timestamp) OVER (PARTITION BY visitorid ORDER BY timestamp) AS pause FROM events)
    """)

    assert clean.ground_truth["sessions"] == sessions


def test_orders_are_worth_the_price_of_the_moment(clean):
    [actual] = clean.rows("""
        WITH lines AS (SELECT * FROM events WHERE event = 'transaction'),
        prices AS (SELECT itemid, timestamp, CAST(substr(value, 2) AS DECIMAL(18, 3)) AS price
                   FROM properties WHERE property = '790')
        SELECT count(DISTINCT transactionid), count(*), count(*) - count(price), count(DISTINCT visitorid),
               CAST(CAST(sum(price) AS DECIMAL(18, 2)) AS VARCHAR)
        FROM lines ASOF LEFT JOIN prices
        ON lines.itemid = prices.itemid AND lines.timestamp >= prices.timestamp
    """)

    expected = [
        clean.ground_truth[name] for name in ("orders", "order_lines", "unpriced_lines", "customers", "revenue")
    ]
    assert expected == list(actual)
    assert clean.ground_truth["unpriced_lines"] < clean.ground_truth["order_lines"]
    assert clean.ground_truth["orders"] < clean.ground_truth["order_lines"]


def test_products_have_a_version_for_each_moment_that_made_them_another(clean):
    [(ids, versions)] = clean.rows("""
        WITH changes AS (PIVOT (SELECT * FROM properties WHERE property IN ('790', 'available', 'categoryid'))
                      ON property IN ('790', 'available', 'categoryid') USING max(value) GROUP BY itemid, timestamp),
        known AS (SELECT itemid, timestamp, [last_value("790" IGNORE NULLS) OVER sofar,
                  last_value(available IGNORE NULLS) OVER sofar, last_value(categoryid IGNORE NULLS) OVER sofar] AS f
                  FROM changes WINDOW sofar AS (PARTITION BY itemid ORDER BY timestamp)),
        changed AS (SELECT itemid, f IS DISTINCT FROM lag(f) OVER (PARTITION BY itemid ORDER BY timestamp)
                   AS is_new FROM known)
        SELECT count(DISTINCT itemid), count_if(is_new) FROM changed
    """)

    assert (clean.ground_truth["products"]["ids"], clean.ground_truth["products"]["versions"]) == (ids, versions)


def test_the_tree_is_counted(clean):
    [(ids, roots, deepest)] = clean.rows("""
        WITH RECURSIVE down AS (SELECT categoryid, 0 AS depth FROM tree WHERE parentid IS NULL
            UNION ALL SELECT tree.categoryid, depth + 1 FROM tree JOIN down ON tree.parentid = down.categoryid)
        SELECT count(*), count_if(depth = 0), max(depth) FROM down
    """)

    expected = clean.ground_truth["categories"]
    assert (expected["ids"], expected["roots"], expected["deepest"]) == (ids, roots, deepest)
    assert (expected["orphans"], expected["circles"]) == (0, 0)
