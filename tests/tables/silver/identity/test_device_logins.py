from datetime import date, datetime

import pytest
from sample_identity import seen

from shoplake.tables.silver.events import events
from shoplake.tables.silver.identity.device_logins import device_logins


@pytest.fixture
def build(some):
    return lambda *records: device_logins(some(events, *records)).orderBy("first_seen_at").collect()


def test_only_events_with_a_device_and_a_customer_are_logins(build):
    [login] = build(seen(1, 0, "phone"), seen(2, 0, None, "ann"), seen(3, 0, "phone", "ann"))

    assert (login.anonymous_id, login.customer_id, login.events) == ("phone", "ann", 1)


def test_logins_of_a_half_hour_are_one_row_from_the_first_to_the_last(build):
    rows = build(*[seen(at, at, "phone", "ann") for at in (0, 12, 29, 30)])

    assert [(row.first_seen_at, row.last_seen_at, row.events) for row in rows] == [
        (datetime(2026, 3, 10, 12, 0), datetime(2026, 3, 10, 12, 29), 3),
        (datetime(2026, 3, 10, 12, 30), datetime(2026, 3, 10, 12, 30), 1),
    ]


def test_a_login_matters_to_sessions_from_two_days_before_to_the_day_after(build):
    [login] = build(seen(1, 0, "phone", "ann"))

    assert (login.first_session_date, login.last_session_date) == (date(2026, 3, 8), date(2026, 3, 11))
