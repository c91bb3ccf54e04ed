from datetime import date

import pytest

from .conftest import visit


def test_a_session_has_its_channel_and_the_last_day_of_orders(touched):
    [row] = touched(visit("2026-03-01 09:00", "paid_search", utm_campaign="brand")).collect()

    assert (row.channel, row.source, row.medium, row.campaign) == ("paid_search", "google", "cpc", "brand")
    assert (row.session_date, row.last_order_date, row.is_touch) == (date(2026, 3, 1), date(2026, 4, 1), True)


@pytest.mark.parametrize(
    "row",
    [
        visit("2026-03-01 09:00", "paypal"),
        visit("2026-03-01 09:00", "self"),
        visit("2026-03-01 09:00", is_bot=True),
    ],
    ids=["payment provider", "self-referral", "bot"],
)
def test_what_brings_nobody_is_no_touch(touched, row):
    assert [each.is_touch for each in touched(row).collect()] == [False]


def test_the_person_is_that_of_the_identity_or_else_the_visitor(touched):
    phone, laptop = visit("2026-03-01 09:00", person="phone"), visit("2026-03-01 09:00", person="laptop")
    persons = [{"feed": "shop", "session_id": phone["session_id"], "person_id": "ann"}]

    rows = touched(phone, laptop, persons=persons).collect()

    assert {row.session_id: row.person_id for row in rows} == {
        phone["session_id"]: "ann",
        laptop["session_id"]: "laptop",
    }
