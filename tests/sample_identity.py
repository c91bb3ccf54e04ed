"""Events of devices and customers, and who they belong to by a loop over them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def seen(number, minutes, device=None, customer=None):
    """An event of a device, a customer or both, so many minutes after the start (winter time: London is UTC)."""
    at = START + minutes * MINUTE
    return {
        "feed": "shop",
        "event_id": f"e{number:03}",
        "event_at": at.replace(tzinfo=None).isoformat(),
        "event_date": str(at.date()),
        "event_name": "page_view",
        "visitor_id": customer or device,
        "customer_id": customer,
        "anonymous_id": device,
        "is_bot": False,
    }


def people_of(events):
    """The person and the match of each event, by its id."""
    return {
        event["event_id"]: match
        for session in _sessions(events)
        for event, match in ((each, _match(session, events)) for each in session)
    }


def _sessions(events):
    by_visitor = defaultdict(list)
    for event in sorted(events, key=lambda event: (event["event_at"], event["event_id"])):
        by_visitor[event["visitor_id"]].append(event)
    for own in by_visitor.values():
        session = [own[0]]
        for event in own[1:]:
            if _at(event) - _at(session[-1]) > 30 * MINUTE:
                yield session
                session = []
            session.append(event)
        yield session


def _match(session, events):
    visitor, start, end = session[0]["visitor_id"], _at(session[0]), _at(session[-1])
    if session[0]["customer_id"]:
        return visitor, "own"
    logins = [event for event in events if event["anonymous_id"] == visitor and event["customer_id"]]
    latest = min(end + 30 * MINUTE, start + DAY)
    nearby = {event["customer_id"] for event in logins if start - 30 * MINUTE <= _at(event) <= latest}
    if len(nearby) == 1:
        return nearby.pop(), "session"
    customers, first = {event["customer_id"] for event in logins}, min(map(_at, logins), default=None)
    if len(customers) == 1 and first - 30 * DAY <= start < first:
        return customers.pop(), "backward"
    return visitor, "none"


def _at(event):
    return datetime.fromisoformat(event["event_at"])
