from shoplake.tables.silver.events import events
from shoplake.tables.silver.sessions import sessions
from shoplake.transforms.funnel.units import add_person, add_session

EVENT = {"feed": "shop", "visitor_id": "ann", "session_id": "tracker's"}
SESSION = {"feed": "shop", "visitor_id": "ann", "session_id": "s1"}
SPAN = {"started_at": "2026-03-01 09:00", "ended_at": "2026-03-01 09:30"}


def test_an_event_gets_the_session_that_contains_it(some):
    times = {"first": "09:00", "last": "09:30", "later": "09:31"}
    rows = some(events, *[EVENT | {"event_id": name, "event_at": f"2026-03-01 {at}"} for name, at in times.items()])
    spans = some(sessions, SESSION | SPAN, SESSION | SPAN | {"visitor_id": "bob", "session_id": "s2"})

    found = {row.event_id: row.session_id for row in add_session(rows, spans).collect()}

    assert found == {"first": "s1", "last": "s1", "later": None}


def test_an_event_gets_the_person_of_its_session_or_else_its_visitor(some, spark):
    rows = some(events, EVENT | {"event_id": "1", "session_id": "s1"}, EVENT | {"event_id": "2", "session_id": "s2"})
    persons = spark.createDataFrame([("shop", "s1", "c7")], "feed string, session_id string, person_id string")

    found = {row.event_id: row.person_id for row in add_person(rows, persons).collect()}

    assert found == {"1": "c7", "2": "ann"}
