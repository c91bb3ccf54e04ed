from datetime import date, datetime

from sample_identity import seen

from shoplake.tables.silver.events import events
from shoplake.tables.silver.identity.device_logins import device_logins
from shoplake.tables.silver.identity.device_owners import device_owners
from shoplake.tables.silver.identity.identity_links import identity_links


def owners(some, *records):
    return device_owners(identity_links(device_logins(some(events, *records)))).collect()


def test_a_device_belongs_to_its_only_customer_from_the_first_login(some):
    [owner] = owners(some, seen(1, 0, "phone", "ann"), seen(2, 99, "phone", "ann"))

    assert (owner.anonymous_id, owner.customer_id) == ("phone", "ann")
    assert owner.first_seen_at == datetime(2026, 3, 10, 12)
    assert (owner.first_session_date, owner.last_session_date) == (date(2026, 2, 7), date(2026, 3, 10))


def test_a_shared_device_belongs_to_nobody(some):
    assert owners(some, seen(1, 0, "ipad", "ann"), seen(2, 9, "ipad", "bob")) == []


def test_a_later_login_changes_nothing(some):
    first = seen(1, 0, "phone", "ann")

    assert owners(some, first) == owners(some, first, seen(2, 4000, "phone", "ann"))
