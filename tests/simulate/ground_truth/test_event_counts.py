"""Ground truth of the events, recomputed by DuckDB from the files."""


def test_events_visitors_and_bots_match_the_ground_truth(clean):
    actual = clean.rows(
        """SELECT count(*), count(DISTINCT event_id), count(*) FILTER (is_bot), count(DISTINCT visitor_id),
        count(DISTINCT visitor_id) FILTER (is_bot) FROM events"""
    )

    ground_truth = clean.ground_truth
    expected = (
        ground_truth["events"],
        ground_truth["events"],
        ground_truth["bot_events"],
        ground_truth["visitors"],
        ground_truth["bot_visitors"],
    )
    assert actual == [expected]


def test_events_by_name_and_by_local_day_match_the_ground_truth(clean):
    by_name = clean.column("SELECT event_name, count(*) FROM events GROUP BY ALL")
    daily = clean.column("SELECT event_date, count(*) FROM events GROUP BY ALL")

    assert by_name == clean.ground_truth["events_by_name"]
    assert daily == clean.ground_truth["events_daily"]


def test_each_file_holds_the_events_of_its_local_day(clean):
    by_file = {name[7:17]: len(lines) for name, lines in clean.lines("events").items()}

    assert by_file == clean.ground_truth["events_daily"]


def test_sessions_by_the_30_minute_rule_match_the_ground_truth(clean):
    actual = clean.rows("SELECT count(*), count(*) FILTER (is_bot) FROM event_gaps WHERE is_start")
    daily = clean.column("SELECT event_date, count(*) FROM event_gaps WHERE is_start GROUP BY ALL")

    assert actual == [(clean.ground_truth["sessions"], clean.ground_truth["bot_sessions"])]
    assert daily == clean.ground_truth["sessions_daily"]


def test_funnel_visitors_of_the_whole_period_leave_bots_out(clean):
    actual = clean.column("SELECT event_name, count(DISTINCT visitor_id) FROM events WHERE NOT is_bot GROUP BY ALL")

    actual.pop("remove_from_cart")
    assert actual == clean.ground_truth["funnel_visitors"]


def test_funnel_visitors_of_each_local_day_leave_bots_out(clean):
    actual = clean.rows(
        "SELECT event_date, event_name, count(DISTINCT visitor_id) FROM events "
        "WHERE NOT is_bot AND event_name <> 'remove_from_cart' GROUP BY ALL"
    )

    expected = {
        (day, step, n) for day, steps in clean.ground_truth["funnel_daily"].items() for step, n in steps.items() if n
    }
    assert set(actual) == expected


def test_funnel_sessions_count_on_the_day_they_start(clean):
    actual = clean.rows(
        """SELECT started, event_name, count(DISTINCT session_id) FROM events
        JOIN (SELECT session_id, min(event_date) AS started FROM events GROUP BY ALL) USING (session_id)
        WHERE NOT is_bot AND event_name <> 'remove_from_cart' GROUP BY ALL"""
    )

    daily = clean.ground_truth["funnel_sessions_daily"]
    assert set(actual) == {(day, step, n) for day, steps in daily.items() for step, n in steps.items() if n}


def test_event_revenue_matches_the_ground_truth(clean):
    actual = clean.rows("SELECT sum(quantity * price)::DECIMAL(18,2) FROM events WHERE event_name = 'purchase'")

    assert str(actual[0][0]) == clean.ground_truth["event_revenue"]
