"""Sessions are matched and made touches by visitor: whatever changes, the rows are those of a full refresh."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_rebuilds import ANY_ORDER, Rebuild

from shoplake.tables.gold.attribution.session_touches import session_touches
from shoplake.tables.silver.identity.device_logins import device_logins
from shoplake.tables.silver.identity.device_owners import device_owners
from shoplake.tables.silver.identity.session_identity import session_identity
from shoplake.tables.silver.sessions import sessions

START = datetime(2026, 3, 10, 12)
VISITORS, CUSTOMERS = st.sampled_from(["phone", "ipad"]), st.sampled_from(["ann", "bob"])
HOURS = st.integers(0, 72)


def at(hours):
    return START + timedelta(hours=hours)


def session(visitor, hours, customer=None):
    row = {"feed": "shop", "session_id": f"{visitor} {hours}", "visitor_id": visitor, "customer_id": customer}
    row |= {"started_at": at(hours), "ended_at": at(hours), "session_date": at(hours).date(), "is_bot": False}
    return row | {"ended_date": at(hours).date()}


def login(device, customer, hours):
    row = {"feed": "shop", "anonymous_id": device, "customer_id": customer, "slot": hours, "events": 1}
    row |= {"first_seen_at": at(hours), "last_seen_at": at(hours), "login_date": at(hours).date()}
    return row | {"first_session_date": at(hours - 48).date(), "last_session_date": at(hours + 24).date()}


def owner(device, customer, hours):
    row = {"feed": "shop", "anonymous_id": device, "customer_id": customer, "first_seen_at": at(hours)}
    return row | {"first_session_date": at(hours - 31 * 24).date(), "last_session_date": at(hours).date()}


def identity(visitor, hours, person):
    row = session(visitor, hours)
    del row["customer_id"], row["is_bot"]
    return row | {"person_id": person, "match": "backward"}


SESSIONS = st.lists(st.builds(session, VISITORS, HOURS), max_size=5, unique_by=lambda row: row["session_id"])
LOGINS = st.lists(st.builds(login, VISITORS, CUSTOMERS, HOURS), max_size=3)
OWNERS = st.lists(st.builds(owner, VISITORS, CUSTOMERS, HOURS), max_size=2, unique_by=lambda row: row["anonymous_id"])
PERSONS = st.lists(st.builds(identity, VISITORS, HOURS, CUSTOMERS), max_size=5, unique_by=lambda row: row["session_id"])


@pytest.mark.slow
@settings(ANY_ORDER)
@given(steps=st.lists(st.tuples(SESSIONS, LOGINS, OWNERS), min_size=2, max_size=4))
def test_matched_sessions_are_those_of_a_full_refresh(spark, some, tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("rebuild") / "lake"
    rebuild = Rebuild(spark, folder, session_identity, [sessions, device_logins, device_owners])
    for visits, logins, owners in steps:
        rebuild.put("sessions", some(sessions, *visits))
        rebuild.put("device_logins", some(device_logins, *logins))
        rebuild.put("device_owners", some(device_owners, *owners))
        rebuild.update()
        assert rebuild.stored() == rebuild.computed()


@pytest.mark.slow
@settings(ANY_ORDER)
@given(steps=st.lists(st.tuples(SESSIONS, PERSONS), min_size=2, max_size=4))
def test_touches_of_sessions_are_those_of_a_full_refresh(spark, some, tmp_path_factory, steps):
    rebuild = Rebuild(spark, tmp_path_factory.mktemp("rebuild") / "lake", session_touches, [sessions, session_identity])
    for visits, persons in steps:
        rebuild.put("sessions", some(sessions, *visits))
        rebuild.put("session_identity", some(session_identity, *persons))
        rebuild.update()
        assert rebuild.stored() == rebuild.computed()
