PERSONS = "events JOIN true_events USING (event_id)"


def test_sessions_of_one_person_are_more_than_half_an_hour_apart(shop):
    spans = f"SELECT person_id, session_id, min(event_at) AS start, max(event_at) AS stop FROM {PERSONS} GROUP BY ALL"
    gaps = f"SELECT start - lag(stop) OVER (PARTITION BY person_id ORDER BY start) AS gap FROM ({spans})"

    assert shop.value(f"SELECT min(gap) FROM ({gaps})").total_seconds() > 1_800


def test_a_shared_device_has_one_person_within_half_an_hour(shop):
    shared = f"read_parquet('{shop.folder}/ground_truth/shared_devices.parquet')"
    rows = f"""SELECT anonymous_id, person_id, event_at FROM events JOIN true_events USING (event_id, anonymous_id)
        SEMI JOIN {shared} USING (anonymous_id)"""
    changes = f"""SELECT event_at - lag(event_at) OVER by_time AS gap, person_id <> lag(person_id) OVER by_time AS other
        FROM ({rows}) WINDOW by_time AS (PARTITION BY anonymous_id ORDER BY event_at)"""

    gaps = [gap.total_seconds() for gap, other in shop.rows(changes) if other]
    assert min(gaps) > 1_800
    assert len(gaps) > 10


def test_a_login_lasts_for_the_rest_of_the_session(shop):
    before = "lag(user_id) OVER (PARTITION BY session_id ORDER BY event_at, event_id) AS before"
    order = f"SELECT session_id, user_id, {before} FROM events"
    logouts = f"SELECT count(*) FROM ({order}) WHERE before IS NOT NULL AND user_id IS DISTINCT FROM before"
    starts = f"SELECT count(*) FROM ({order}) WHERE before IS NULL AND user_id IS NOT NULL"

    ties = (
        "SELECT count(*) FROM (SELECT session_id, event_at FROM events GROUP BY ALL HAVING count(DISTINCT user_id) > 1)"
    )
    assert (shop.value(logouts), shop.value(ties)) == (0, 0)
    assert shop.value(starts) > 500


def test_some_customers_log_in_in_mid_visit_and_on_several_devices(shop):
    middle = "SELECT session_id FROM events GROUP BY 1 HAVING count(user_id) BETWEEN 1 AND count(*) - 1"
    devices = "SELECT user_id FROM events WHERE user_id IS NOT NULL GROUP BY 1 HAVING count(DISTINCT anonymous_id) > 1"

    assert len(shop.rows(middle)) > 200
    assert len(shop.rows(devices)) > 20


def test_events_are_within_the_period(shop):
    [[first, last]] = shop.rows("SELECT min(event_at), max(event_at) FROM events")

    assert (str(first), str(last)) >= ("2026-03-10", "2026-04-18") and str(last) < "2026-04-18 23:00:00"
