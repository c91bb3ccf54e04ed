"""The features from which churn is predicted: orders, their value, and visits before the as-of day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.distinct import count_distinct
from shoplake.declare import feature
from shoplake.transforms.sales.channels import channel, is_paid

if TYPE_CHECKING:
    from pyspark.sql import Column

    from shoplake.declare.feature import Values

LINES, EVENTS = "silver.order_lines", "silver.events"
NOT_CANCELLED = "coalesce(status, '') <> 'cancelled'"
SALE = f"kind = 'sale' AND line_class = 'goods' AND {NOT_CANCELLED}"
RETURN = f"kind = 'return' AND line_class = 'goods' AND {NOT_CANCELLED}"
PERSON = "NOT is_bot"
NEVER = 9_999
"""Days since something that never happened."""


@feature(
    "days_since_last_order", "int", None, LINES, "ordered_at", NEVER, "Days since the last order", "days", where=SALE
)
def days_since_last_order(values: Values) -> Column:
    """Recency: the simple rule predicts churn by it alone."""
    return F.datediff(F.max("as_of_date"), F.max(values("local_date")))


@feature(
    "days_since_first_order", "int", None, LINES, "ordered_at", 0, "Days since the first order", "days", where=SALE
)
def days_since_first_order(values: Values) -> Column:
    """How long the customer has been one."""
    return F.datediff(F.max("as_of_date"), F.min(values("local_date")))


@feature("order_days", "bigint", None, LINES, "ordered_at", 0, "Days with an order", "days", where=SALE)
def order_days(values: Values) -> Column:
    """Frequency: orders on one local day count once."""
    return F.count_distinct(values("local_date"))


@feature("order_days_365d", "bigint", 365, LINES, "ordered_at", 0, "Days with an order, of 365", "days", where=SALE)
def order_days_365d(values: Values) -> Column:
    """Order days of the year before; the population of churn has at least one."""
    return F.count_distinct(values("local_date"))


@feature("order_days_90d", "bigint", 90, LINES, "ordered_at", 0, "Days with an order, of 90", "days", where=SALE)
def order_days_90d(values: Values) -> Column:
    """Order days of the quarter before."""
    return F.count_distinct(values("local_date"))


@feature("usual_gap_days", "double", None, LINES, "ordered_at", 0, "Usual days between orders", "days", where=SALE)
def usual_gap_days(values: Values) -> Column:
    """Mean gap between order days; 0 with fewer than two."""
    span = F.datediff(F.max(values("local_date")), F.min(values("local_date"))).cast("double")
    return span / F.nullif(F.count_distinct(values("local_date")) - F.lit(1), F.lit(0))


@feature("gaps_since_last_order", "double", None, LINES, "ordered_at", 0, "Usual gaps since it", "gaps", where=SALE)
def gaps_since_last_order(values: Values) -> Column:
    """Days since the last order as a multiple of the customer's usual gap; 0 with fewer than two order days."""
    since = F.datediff(F.max("as_of_date"), F.max(values("local_date"))).cast("double")
    return since / usual_gap_days(values)


@feature("units_365d", "bigint", 365, LINES, "ordered_at", 0, "Goods bought in 365 days", "pieces", where=SALE)
def units_365d(values: Values) -> Column:
    """Pieces, not money, so that shops of several currencies need no rates."""
    return F.sum(values("quantity"))


@feature(
    "products_365d", "bigint", 365, LINES, "ordered_at", 0, "Different products in 365 days", "products", where=SALE
)
def products_365d(values: Values) -> Column:
    """Breadth of what is bought."""
    return count_distinct(values("product_id"))


@feature(
    "discounted_order_days",
    "bigint",
    None,
    LINES,
    "ordered_at",
    0,
    "Days with a discounted order",
    "days",
    where=f"line_class = 'discount' AND {NOT_CANCELLED}",
)
def discounted_order_days(values: Values) -> Column:
    """Days of orders with a discount line."""
    return F.count_distinct(values("local_date"))


@feature("return_days_365d", "bigint", 365, LINES, "ordered_at", 0, "Days with a return, of 365", "days", where=RETURN)
def return_days_365d(values: Values) -> Column:
    """Days with goods returned."""
    return F.count_distinct(values("local_date"))


@feature(
    "days_since_last_visit", "int", None, EVENTS, "event_at", NEVER, "Days since the last visit", "days", where=PERSON
)
def days_since_last_visit(values: Values) -> Column:
    """Days since the last event while logged in."""
    return F.datediff(F.max("as_of_date"), F.max(values("local_date")))


@feature("visit_days_30d", "bigint", 30, EVENTS, "event_at", 0, "Days with a visit, of 30", "days", where=PERSON)
def visit_days_30d(values: Values) -> Column:
    """Days with an event while logged in, of the month before."""
    return F.count_distinct(values("local_date"))


@feature("visit_days_90d", "bigint", 90, EVENTS, "event_at", 0, "Days with a visit, of 90", "days", where=PERSON)
def visit_days_90d(values: Values) -> Column:
    """Days with an event while logged in, of the quarter before."""
    return F.count_distinct(values("local_date"))


@feature("product_views_90d", "bigint", 90, EVENTS, "event_at", 0, "Product views in 90 days", "events", where=PERSON)
def product_views_90d(values: Values) -> Column:
    """Interest in products."""
    return F.count(values(F.when(F.col("event_name") == "product_view", F.col("event_id"))))


@feature("add_to_carts_90d", "bigint", 90, EVENTS, "event_at", 0, "Products put into carts", "events", where=PERSON)
def add_to_carts_90d(values: Values) -> Column:
    """Intention to buy."""
    return F.count(values(F.when(F.col("event_name") == "add_to_cart", F.col("event_id"))))


@feature("mobile_visit_days", "bigint", 365, EVENTS, "event_at", 0, "Days with a mobile visit", "days", where=PERSON)
def mobile_visit_days(values: Values) -> Column:
    """Days with an event on a phone."""
    return F.count_distinct(values(F.when(F.col("device") == "mobile", F.col("local_date"))))


@feature("paid_visit_days", "bigint", 365, EVENTS, "event_at", 0, "Days with a paid visit", "days", where=PERSON)
def paid_visit_days(values: Values) -> Column:
    """Days with an event that a paid channel led to."""
    through_paid = is_paid(channel("utm_source", "utm_medium"))
    return F.count_distinct(values(F.when(through_paid, F.col("local_date"))))


CHURN_FEATURES = (
    *(days_since_last_order, days_since_first_order, order_days, order_days_365d, order_days_90d, usual_gap_days),
    gaps_since_last_order,
    *(units_365d, products_365d, discounted_order_days, return_days_365d),
    *(days_since_last_visit, visit_days_30d, visit_days_90d, product_views_90d, add_to_carts_90d),
    *(mobile_visit_days, paid_visit_days),
)
"""In the order of the columns of `gold.churn_features`."""
