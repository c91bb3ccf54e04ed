from datetime import datetime

import pytest
from sample_identity import MINUTE, START

from shoplake.tables.silver.identity.device_logins import device_logins
from shoplake.tables.silver.identity.device_owners import device_owners
from shoplake.tables.silver.identity.session_identity import session_identity
from shoplake.tables.silver.sessions import sessions

LOGIN = {"feed": "shop", "anonymous_id": "phone", "customer_id": "ann"}


def after(minutes):
    return (START + minutes * MINUTE).replace(tzinfo=None)


def session(visitor, minutes, customer=None):
    """A session of ten minutes, so many minutes after the start."""
    ends = {"started_at": after(minutes), "ended_at": after(minutes + 10)}
    return {"feed": "shop", "session_id": f"s{minutes}", "visitor_id": visitor, "customer_id": customer} | ends


def login(first, last, **more):
    return LOGIN | {"first_seen_at": after(first), "last_seen_at": after(last)} | more


@pytest.fixture
def match(some):
    """The person and the match of one session."""

    def match(one, *logins, owners=()):
        rows = some(sessions, one), some(device_logins, *logins), some(device_owners, *owners)
        [row] = session_identity(*rows).collect()
        assert (row.session_id, row.started_at) == (one["session_id"], one["started_at"])
        return row.person_id, row.match

    return match


def test_the_customers_session_is_own(match):
    assert match(session("ann", 0, customer="ann"), login(0, 9)) == ("ann", "own")


@pytest.mark.parametrize(("first", "last"), [(-50, -30), (40, 60), (3, 5), (-20, 40)])
def test_a_login_up_to_thirty_minutes_away_names_the_customer(match, first, last):
    assert match(session("phone", 0), login(first, last)) == ("ann", "session")


@pytest.mark.parametrize(("first", "last"), [(-50, -31), (41, 60)])
def test_a_login_further_away_does_not(match, first, last):
    assert match(session("phone", 0), login(first, last)) == ("phone", "none")


def test_a_login_of_another_device_or_feed_does_not_count(match):
    others = login(0, 9, anonymous_id="ipad"), login(0, 9, feed="other")

    assert match(session("phone", 0), *others) == ("phone", "none")


def test_the_owner_has_the_sessions_before_the_first_login_and_not_those_after(match):
    owner = LOGIN | {"first_seen_at": datetime(2026, 3, 10, 18)}

    assert match(session("phone", 0), owners=[owner]) == ("ann", "backward")
    assert match(session("phone", 700), owners=[owner]) == ("phone", "none")
