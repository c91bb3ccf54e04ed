import pytest
from sample_identity import MINUTE, START, seen

from shoplake.tables.silver.events import events
from shoplake.tables.silver.identity.event_identity import event_identity
from shoplake.tables.silver.identity.session_identity import session_identity


def session(visitor, minutes, person, match, feed="shop"):
    """A session of ten minutes, so many minutes after the start."""
    started_at = (START + minutes * MINUTE).replace(tzinfo=None)
    ends = {"started_at": started_at, "ended_at": started_at + 10 * MINUTE}
    return {"feed": feed, "visitor_id": visitor, "person_id": person, "match": match} | ends


@pytest.fixture
def build(some):
    """The person and the match of each event, by its id."""

    def build(records, *visits):
        rows = event_identity(some(events, *records), some(session_identity, *visits)).collect()
        return {row.event_id: (row.person_id, row.match) for row in rows}

    return build


def test_events_have_the_person_of_their_session_up_to_its_last_event(build):
    records = [seen(at, at, "phone") for at in (0, 10, 50)]

    people = build(records, session("phone", 0, "ann", "session"), session("phone", 50, "phone", "none"))

    assert people == {"e000": ("ann", "session"), "e010": ("ann", "session"), "e050": ("phone", "none")}


def test_an_event_that_names_its_customer_is_own(build):
    assert build([seen(1, 0, "phone", "ann")], session("ann", 0, "ann", "own")) == {"e001": ("ann", "own")}


def test_an_event_without_a_customer_in_a_customers_session_is_own(build):
    assert build([seen(1, 0, "v7")], session("v7", 0, "v7", "own")) == {"e001": ("v7", "own")}


def test_sessions_of_other_feeds_do_not_count(build):
    assert build([seen(1, 0, "phone")], session("phone", 0, "ann", "session", feed="other"))["e001"][1] == "none"
