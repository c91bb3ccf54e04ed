from datetime import date

from shoplake.declare import Feed
from shoplake.feeds import ZENITH
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.transforms.features.churn_labels import label_churn

FEEDS = (Feed("shop", ZENITH, "landing", "Europe/London", "GBP"),)
DAY = date(2026, 3, 29)


def test_a_customer_who_orders_from_the_as_of_day_on_within_90_days_is_retained(some, spark):
    sale = {"feed": "shop", "kind": "sale", "line_class": "goods", "status": "paid"}
    times = {
        "midnight": "2026-03-29 00:00:00",
        "second before": "2026-03-28 23:59:59",
        "last second": "2026-06-26 22:59:59",
        "day 91": "2026-06-26 23:00:00",
    }
    lines = [sale | {"customer_id": name, "ordered_at": at} for name, at in times.items()]
    lines += [
        sale | {"customer_id": "cancelled", "ordered_at": "2026-04-01", "status": "cancelled"},
        sale | {"customer_id": "returned", "ordered_at": "2026-04-01", "kind": "return"},
    ]
    customers = spark.createDataFrame(
        [("shop", name, DAY) for name in (*times, "cancelled", "returned")],
        "feed string, customer_id string, as_of_date date",
    )

    rows = label_churn(customers, some(order_lines, *lines), [DAY], FEEDS).collect()

    assert {row.customer_id for row in rows if not row.is_churned} == {"midnight", "last second"}
    assert len(rows) == 6
