from datetime import UTC, date, datetime, timedelta

import pytest

from shoplake.serve.answers.product_views import ProductViewsQuery, product_views
from tests.serve.answers.small_shop import MemoryGeneration

DAY = date(2026, 4, 1)


def event(number, **values):
    at = datetime(2026, 4, 1, 9, tzinfo=UTC) + timedelta(hours=number)
    row = {"feed": "shop", "event_id": f"E{number}", "event_at": at, "event_date": DAY, "event_name": "product_view"}
    return row | {"visitor_id": "V1", "product_id": "P1", "is_bot": False} | values


EVENTS = [
    event(1),
    event(2),
    event(3, event_name="add_to_cart"),
    event(4, is_bot=True),
    event(5, product_id="P2"),
    event(6, event_date=DAY + timedelta(1)),
    event(7, product_id=None),
]


@pytest.mark.parametrize(("product", "ids"), [("P1", ["E1", "E2"]), (None, ["E1", "E2", "E5"])])
def test_views_are_those_of_people_and_of_the_days(product, ids):
    funnel = [{"feed": "shop", "event_date": DAY + timedelta(number)} for number in range(2)]
    generation = MemoryGeneration({"silver.events": EVENTS, "gold.funnel_daily": funnel})
    answer = product_views(generation, ProductViewsQuery(product, DAY, DAY, "shop"))

    assert [row["event_id"] for row in answer.rows.to_pylist()] == ids
