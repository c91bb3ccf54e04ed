from datetime import date, datetime

import pytest
from sample_identity import seen

from shoplake.tables.silver.events import events
from shoplake.tables.silver.identity.device_logins import device_logins
from shoplake.tables.silver.identity.identity_links import identity_links


@pytest.fixture
def build(some):
    """The links of events, by device and customer."""

    def build(*records):
        rows = identity_links(device_logins(some(events, *records))).collect()
        return {(row.anonymous_id, row.customer_id): row for row in rows}

    return build


def test_a_link_counts_the_events_with_both_from_the_first_to_the_last(build):
    rows = build(*[seen(at, at, "phone", "ann") for at in (0, 5, 1440)], seen(9, 7, "phone"))

    link = rows["phone", "ann"]
    assert (link.first_seen_at, link.last_seen_at) == (datetime(2026, 3, 10, 12), datetime(2026, 3, 11, 12))
    assert (link.first_seen_date, link.events, link.is_shared) == (date(2026, 3, 10), 3, False)


def test_a_device_of_two_customers_is_shared_and_the_other_devices_are_not(build):
    rows = build(seen(1, 0, "ipad", "ann"), seen(2, 9, "ipad", "bob"), seen(3, 9, "phone", "bob"))

    assert {key: row.is_shared for key, row in rows.items()} == {
        ("ipad", "ann"): True,
        ("ipad", "bob"): True,
        ("phone", "bob"): False,
    }


def test_feeds_share_no_device(build):
    rows = build(seen(1, 0, "ipad", "ann"), seen(2, 0, "ipad", "bob") | {"feed": "other"})

    assert {row.is_shared for row in rows.values()} == {False}
