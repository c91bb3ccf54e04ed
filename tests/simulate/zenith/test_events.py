def test_sessions_are_at_least_30_minutes_and_a_second_apart(clean):
    assert (
        clean.rows("FROM event_gaps WHERE pause > INTERVAL 30 MINUTE AND pause < INTERVAL '30 minutes 1 second'") == []
    )


def test_some_pauses_inside_a_session_are_exactly_30_minutes(clean):
    assert clean.rows("FROM event_gaps WHERE pause = INTERVAL 30 MINUTE") != []


def test_the_30_minute_rule_finds_the_generated_sessions(clean):
    assert clean.rows("SELECT count(DISTINCT session_id) FROM events") == [(clean.ground_truth["sessions"],)]
    assert clean.rows("SELECT session_id FROM event_gaps WHERE is_start GROUP BY ALL HAVING count(*) > 1") == []


def test_some_sessions_cross_midnight_and_some_visitors_return(clean):
    assert clean.rows("SELECT session_id FROM events GROUP BY ALL HAVING count(DISTINCT event_date) > 1") != []
    assert clean.ground_truth["visitors"] < clean.ground_truth["sessions"]


def test_a_visitor_is_always_known_or_always_anonymous(clean):
    assert (
        clean.rows("SELECT anonymous_id FROM events GROUP BY ALL HAVING count(DISTINCT coalesce(user_id, ''))>1") == []
    )


def test_the_purchases_of_an_order_share_one_moment_and_session(clean):
    actual = clean.rows(
        """SELECT order_id FROM events WHERE event_name = 'purchase' GROUP BY ALL
        HAVING count(DISTINCT event_ts) > 1 OR count(DISTINCT session_id) > 1"""
    )

    assert actual == []


def test_event_ids_do_not_sort_in_time_order(clean):
    correlation = clean.rows(
        "SELECT corr(by_id, by_time) FROM (SELECT row_number() OVER (ORDER BY event_id) AS by_id, "
        "row_number() OVER (ORDER BY event_at) AS by_time FROM events)"
    )

    assert abs(correlation[0][0]) < 0.05


def test_the_top_tenth_of_the_products_gets_most_views(clean):
    views = clean.rows(
        "SELECT count(*) FROM events WHERE event_name = 'product_view' GROUP BY product_id ORDER BY 1 DESC"
    )

    assert sum(n for (n,) in views[:20]) > 0.5 * sum(n for (n,) in views)


def test_desktops_buy_more_often_than_phones(clean):
    rate = clean.column(
        "SELECT user_agent LIKE '%Mobile%', count(*) FILTER (event_name = 'purchase') / count(*) "
        "FROM events WHERE NOT is_bot GROUP BY ALL"
    )

    assert rate[False] > rate[True]
