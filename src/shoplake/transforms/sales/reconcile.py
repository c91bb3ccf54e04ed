"""Causes of the differences between purchase events, orders and payments of the same order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.transforms.sales.sales_measures import is_cancelled

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

GOODS_CAUSES = (
    *("no_event", "no_order", "duplicate_event", "quantity_differs", "price_differs", "product_missing"),
    "currency_differs",
)
CHARGE_CAUSES = ("discount", "shipping", "charges")
CURRENCY = {"currency_differs": "currency"}
"""The column of a cause whose name is that of another column → the cause."""
PAYMENT_CAUSES = ("unpaid", "overpaid", "refund", "chargeback")
COLLECTED = ("paid", "captured", "completed", "success", "succeeded", "settled", "refunded", "partially_refunded")
"""Statuses of a payment whose money arrived; a refund of them was paid out."""
NOT_SETTLED = ("pending", "failed", "cancelled", "canceled", "voided", "expired", "declined", "error", "failure")
"""Statuses of a payment or refund that moved no money."""
CHARGEBACK = "chargeback"
ORDER = ("feed", "order_id")
PAIR = (*ORDER, "product_id", "_rank")


def goods_causes(order_lines: DataFrame, purchases: DataFrame) -> DataFrame:
    """Return per order the worth of its events and goods, and `GOODS_CAUSES`, each from what it is the cause of.

    The first event of a product in an order is compared with the first line of that product, the second with the
    second, and so on. `order_lines` and `purchases` have currencies that are filled. Columns: `feed, order_id,
    event_date, event_currency, order_date, order_currency, event_revenue, goods`, and the causes: `goods` is
    `event_revenue` and the causes together, but for what is unexplained. An unknown price counts as 0 on its side, so
    that all of the other side's money is `price_differs`.
    """
    paired = _numbered_lines(order_lines).join(_numbered_events(purchases), on=list(PAIR), how="full")
    of_order, of_product = Window.partitionBy(*ORDER), Window.partitionBy(*ORDER, "product_id")
    known = paired.withColumns(
        {
            "_order_currency": F.max("_line_currency").over(of_order),
            "_lines": F.count("_line").over(of_order),
            "_events": F.count("_event").over(of_order),
            "_product_lines": F.count("_line").over(of_product),
        }
    )
    is_foreign = F.col("_event_currency") != F.col("_order_currency")
    compared = known.withColumn("_is_foreign", F.coalesce(is_foreign, F.lit(False)))
    caused = compared.withColumn("_cause", _pair_cause())
    return caused.groupBy(*ORDER).agg(
        F.min("_event_date").alias("event_date"),
        F.max("_event_currency").alias("event_currency"),
        F.min("_line_date").alias("order_date"),
        F.max("_line_currency").alias("order_currency"),
        _sum(F.when(~F.col("_is_foreign"), F.col("_event_amount"))).alias("event_revenue"),
        _sum(F.col("_line_amount")).alias("goods"),
        *[_sum(_amount_of(cause)).alias(cause) for cause in GOODS_CAUSES],
    )


def _numbered_lines(order_lines: DataFrame) -> DataFrame:
    """Return the sold lines of orders that are not cancelled, numbered within order and product."""
    is_sold = (F.col("line_class") == "goods") & (F.col("kind") == "sale") & ~is_cancelled()
    by_number = Window.partitionBy(*ORDER, "product_id").orderBy("document_id", "line_number")
    return order_lines.where(is_sold).select(
        *ORDER,
        "product_id",
        F.row_number().over(by_number).alias("_rank"),
        F.lit(True).alias("_line"),
        F.col("order_date").alias("_line_date"),
        F.col("currency").alias("_line_currency"),
        F.col("quantity").alias("_line_quantity"),
        F.col("unit_price").alias("_line_price"),
        F.col("amount").alias("_line_amount"),
    )


def _numbered_events(purchases: DataFrame) -> DataFrame:
    """Return the purchase events that name their order, numbered within order and product."""
    by_time = Window.partitionBy(*ORDER, "product_id").orderBy("event_at", "event_id")
    named = purchases.where(F.col("order_id").isNotNull())
    return named.withColumn("product_id", F.coalesce("product_id", F.lit(""))).select(
        *ORDER,
        "product_id",
        F.row_number().over(by_time).alias("_rank"),
        F.lit(True).alias("_event"),
        F.col("event_date").alias("_event_date"),
        F.col("currency").alias("_event_currency"),
        F.col("quantity").alias("_event_quantity"),
        F.col("unit_price").alias("_event_price"),
        money.amount("quantity", "unit_price").alias("_event_amount"),
    )


def _pair_cause() -> Column:
    """Return the cause of a pair of line and event; null for two, which may differ in quantity and price."""
    has_line, has_event = F.col("_line").isNotNull(), F.col("_event").isNotNull()
    return (
        F.when(F.col("_events") == 0, "no_event")
        .when(F.col("_lines") == 0, "no_order")
        .when(F.col("_is_foreign"), "currency_differs")
        .when(~has_line & (F.col("_product_lines") > 0), "duplicate_event")
        .when(~has_line | ~has_event, "product_missing")
    )


def _amount_of(cause: str) -> Column:
    """Return what a pair adds to the event revenue by a cause, from quantities and prices."""
    quantity, shown = F.col("_line_quantity"), F.coalesce("_event_price", F.lit(0))
    amounts = {
        "quantity_differs": (quantity - F.col("_event_quantity")) * shown,
        "price_differs": quantity * (F.coalesce("_line_price", F.lit(0)) - shown),
        "currency_differs": F.col("_line_amount"),
        "no_order": -F.col("_event_amount"),
        "no_event": F.col("_line_amount"),
        "duplicate_event": -F.col("_event_amount"),
        "product_missing": F.coalesce("_line_amount", -F.col("_event_amount")),
    }
    is_it = F.col("_cause").isNull() if cause.endswith(("quantity_differs", "price_differs")) else _is(cause)
    return F.when(is_it, amounts[cause])


def _is(cause: str) -> Column:
    return F.col("_cause") == cause


def charge_causes(order_lines: DataFrame) -> DataFrame:
    """Return per order what it costs besides goods: `CHARGE_CAUSES`, with discounts below 0; returns are left out.

    `order_lines` have currencies that are filled. Columns: `feed, order_id, charge_date, charge_currency`, the causes.
    """
    own = order_lines.where((F.col("kind") != "return") & ~is_cancelled())
    line_class, is_sale = F.col("line_class"), F.col("kind") == "sale"
    is_charge = ~line_class.isin("discount", "shipping") & ~((line_class == "goods") & is_sale)
    return own.groupBy(*ORDER).agg(
        F.min("order_date").alias("charge_date"),
        F.max("currency").alias("charge_currency"),
        _sum(F.when(line_class == "discount", F.col("amount"))).alias("discount"),
        _sum(F.when(line_class == "shipping", F.col("amount"))).alias("shipping"),
        _sum(F.when(is_charge, F.col("amount"))).alias("charges"),
    )


def received_money(payments: DataFrame) -> DataFrame:
    """Return per order `paid`, `refund`, `chargeback` (below 0) and `received`, the sum of all money that moved.

    Each record counts by its own kind and status. Money of a status that is not known is in `received` alone.
    """
    status, is_payment = F.lower(F.coalesce("status", F.lit("paid"))), F.col("kind") == "payment"
    is_chargeback = (status == CHARGEBACK) | (F.lower(F.coalesce("method", F.lit(""))) == CHARGEBACK)
    is_known, amount = status.isin(*COLLECTED), F.col("amount")
    is_settled = ~status.isin(*NOT_SETTLED)
    moved = F.when(is_chargeback & is_payment, F.lit(0)).otherwise(amount)
    return payments.groupBy(*ORDER).agg(
        F.min("paid_date").alias("paid_date"),
        F.max("currency").alias("paid_currency"),
        _sum(F.when(is_payment & (is_known | is_chargeback), amount)).alias("paid"),
        _sum(F.when(~is_payment & is_known & ~is_chargeback, amount)).alias("refund"),
        _sum(F.when(is_chargeback, -F.abs(amount))).alias("chargeback"),
        _sum(F.when(is_settled, moved)).alias("received"),
    )


def _sum(amount: Column) -> Column:
    return F.coalesce(F.sum(amount), F.lit(0)).cast(money.UNIT)
