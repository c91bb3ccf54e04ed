"""The features from which churn is predicted: orders, their value, and visits before the as-of day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.distinct import count_distinct
from shoplake.declare import feature
from shoplake.transforms.sales.channels import channel, is_paid

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import Column

    from shoplake.declare import Feature
    from shoplake.declare.feature import Reduction, Values

    Declare = Callable[[Callable[[Values], Column]], Feature]

LINES, EVENTS = "silver.order_lines", "silver.events"
NOT_CANCELLED = "coalesce(status, '') <> 'cancelled'"
SALE = f"kind = 'sale' AND line_class = 'goods' AND {NOT_CANCELLED}"
RETURN = f"kind = 'return' AND line_class = 'goods' AND {NOT_CANCELLED}"
PERSON = "NOT is_bot"
NEVER = 9_999
"""Days since something that never happened."""


def _of_table(source: str, at: str, where: str) -> Callable[..., Declare]:
    """Return what declares features of a table, by default of the local days with rows for which `where` is true."""

    def declare(
        name: str,
        dtype: str,
        window: int | None,
        default: float,
        meaning: str,
        unit: str,
        *,
        where: str = where,
        per_day: Reduction | None = "max",
    ) -> Declare:
        return feature(name, dtype, window, source, at, default, meaning, unit, where=where, per_day=per_day)

    return declare


of_orders = _of_table(LINES, "ordered_at", SALE)
of_visits = _of_table(EVENTS, "event_at", PERSON)


@of_orders("days_since_last_order", "int", None, NEVER, "Days since the last order", "days")
def days_since_last_order(values: Values) -> Column:
    """Recency: the simple rule predicts churn by it alone."""
    return F.datediff(F.max("as_of_date"), F.max(values("local_date")))


@of_orders("days_since_first_order", "int", None, 0, "Days since the first order", "days")
def days_since_first_order(values: Values) -> Column:
    """How long the customer has been one."""
    return F.datediff(F.max("as_of_date"), F.min(values("local_date")))


@of_orders("order_days", "bigint", None, 0, "Days with an order", "days")
def order_days(values: Values) -> Column:
    """Frequency: orders on one local day count once."""
    return F.count(values("local_date"))


@of_orders("order_days_365d", "bigint", 365, 0, "Days with an order, of 365", "days")
def order_days_365d(values: Values) -> Column:
    """Order days of the year before; the population of churn has at least one."""
    return F.count(values("local_date"))


@of_orders("order_days_90d", "bigint", 90, 0, "Days with an order, of 90", "days")
def order_days_90d(values: Values) -> Column:
    """Order days of the quarter before."""
    return F.count(values("local_date"))


@of_orders("usual_gap_days", "double", None, 0, "Usual days between orders", "days")
def usual_gap_days(values: Values) -> Column:
    """Mean gap between order days; 0 with fewer than two."""
    span = F.datediff(F.max(values("local_date")), F.min(values("local_date"))).cast("double")
    return span / F.nullif(F.count(values("local_date")) - F.lit(1), F.lit(0))


@of_orders("gaps_since_last_order", "double", None, 0, "Usual gaps since it", "gaps")
def gaps_since_last_order(values: Values) -> Column:
    """Days since the last order as a multiple of the customer's usual gap; 0 with fewer than two order days."""
    since = F.datediff(F.max("as_of_date"), F.max(values("local_date"))).cast("double")
    return since / usual_gap_days(values)


@of_orders("units_365d", "bigint", 365, 0, "Goods bought in 365 days", "pieces", per_day="sum")
def units_365d(values: Values) -> Column:
    """Pieces, not money, so that shops of several currencies need no rates."""
    return F.sum(values("quantity"))


@of_orders("products_365d", "bigint", 365, 0, "Different products in 365 days", "products", per_day=None)
def products_365d(values: Values) -> Column:
    """Breadth of what is bought."""
    return count_distinct(values("product_id"))


@of_orders(
    "discounted_order_days",
    "bigint",
    None,
    0,
    "Days with a discounted order",
    "days",
    where=f"line_class = 'discount' AND {NOT_CANCELLED}",
)
def discounted_order_days(values: Values) -> Column:
    """Days of orders with a discount line."""
    return F.count(values("local_date"))


@of_orders("return_days_365d", "bigint", 365, 0, "Days with a return, of 365", "days", where=RETURN)
def return_days_365d(values: Values) -> Column:
    """Days with goods returned."""
    return F.count(values("local_date"))


@of_visits("days_since_last_visit", "int", None, NEVER, "Days since the last visit", "days")
def days_since_last_visit(values: Values) -> Column:
    """Days since the last event while logged in."""
    return F.datediff(F.max("as_of_date"), F.max(values("local_date")))


@of_visits("visit_days_30d", "bigint", 30, 0, "Days with a visit, of 30", "days")
def visit_days_30d(values: Values) -> Column:
    """Days with an event while logged in, of the month before."""
    return F.count(values("local_date"))


@of_visits("visit_days_90d", "bigint", 90, 0, "Days with a visit, of 90", "days")
def visit_days_90d(values: Values) -> Column:
    """Days with an event while logged in, of the quarter before."""
    return F.count(values("local_date"))


@of_visits("product_views_90d", "bigint", 90, 0, "Product views in 90 days", "events", per_day="sum")
def product_views_90d(values: Values) -> Column:
    """Interest in products."""
    return F.sum(values(F.when(F.col("event_name") == "product_view", F.lit(1))))


@of_visits("add_to_carts_90d", "bigint", 90, 0, "Products put into carts", "events", per_day="sum")
def add_to_carts_90d(values: Values) -> Column:
    """Intention to buy."""
    return F.sum(values(F.when(F.col("event_name") == "add_to_cart", F.lit(1))))


@of_visits("mobile_visit_days", "bigint", 365, 0, "Days with a mobile visit", "days")
def mobile_visit_days(values: Values) -> Column:
    """Days with an event on a phone."""
    return F.count(values(F.when(F.col("device") == "mobile", F.col("local_date"))))


@of_visits("paid_visit_days", "bigint", 365, 0, "Days with a paid visit", "days")
def paid_visit_days(values: Values) -> Column:
    """Days with an event that a paid channel led to."""
    through_paid = is_paid(channel("utm_source", "utm_medium"))
    return F.count(values(F.when(through_paid, F.col("local_date"))))


CHURN_FEATURES = (
    *(days_since_last_order, days_since_first_order, order_days, order_days_365d, order_days_90d, usual_gap_days),
    gaps_since_last_order,
    *(units_365d, products_365d, discounted_order_days, return_days_365d),
    *(days_since_last_visit, visit_days_30d, visit_days_90d, product_views_90d, add_to_carts_90d),
    *(mobile_visit_days, paid_visit_days),
)
"""In the order of the columns of `gold.churn_features`."""
