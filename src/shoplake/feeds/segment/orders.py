"""Orders in the messages of the Segment spec: completed, updated, cancelled and refunded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.attributes import attributes
from shoplake.columns.money import parse
from shoplake.declare.kinds.mapped_columns import leaves_null
from shoplake.feeds.documents import (
    DISCOUNT,
    LINES_MISSING,
    REMAINDER,
    SHIPPING,
    TAX,
    as_order_lines,
    as_payments,
    charge,
    content_hash,
    line,
    lines_of,
    negative,
    no_amount,
    with_problem,
    zero,
)
from shoplake.feeds.segment.messages import messages

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed

REFUNDED, CANCELLED = "Order Refunded", "Order Cancelled"
COMPLETED = "Order Completed"
CHANGES = ("Order Updated", CANCELLED, REFUNDED)


def completed_orders(feed: Feed) -> tuple[str, ...]:
    """Return the events that complete an order: that of the spec, and those that the feed's settings map to it."""
    return COMPLETED, *(given for given, name in feed.events if name == "purchase")


@leaves_null("country", "tax", "price_source", "source_file")
def order_lines(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per line of an order: its products by their place, then shipping, discount and tax; or of a refund.

    An order without `products` is part of one and replaces no lines. A cancellation without them replaces what it
    cancels.
    """
    is_refund, is_cancelled = F.col("event") == REFUNDED, F.col("event") == CANCELLED
    sold = lines_of(F.transform("properties.products", _sold), F.array(*_charges()))
    returned = lines_of(F.transform("properties.products", _returned), F.array(_money_back()))
    is_part = F.col("properties.products").isNull() & ~is_refund & ~is_cancelled
    documents = (
        with_problem(_orders(orders_raw, feed), LINES_MISSING, is_part)
        .withColumns({"sold": sold, "returned": returned})
        .withColumns(
            {
                "lines": F.when(is_refund, F.col("returned")).otherwise(F.col("sold")),
                "document_id": F.when(is_refund, F.col("messageId")).otherwise(F.col("order_id")),
                "ordered_at": F.col("time"),
                "updated_at": F.col("time"),
                "status": F.when(is_cancelled, "cancelled").when(~is_refund, "paid"),
                "customer_id": F.nullif("userId", F.lit("")),
                "country": F.lit(None).cast("string"),
                "payload_hash": content_hash("messageId", "event", "time"),
            }
        )
    )
    return as_order_lines(documents, feed).drop("country", "tax")  # the spec has neither


@leaves_null("method", "source_file")
def payments(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per completed order that says its total or revenue, and per refund that does.

    The revenue of an order is without shipping and taxes, which are paid too.
    """
    is_refund, revenue = F.col("event") == REFUNDED, F.col("properties.revenue")
    others = [F.col(f"properties.{name}") for name in ("shipping", "tax")]
    beside = [F.coalesce(parse(each), zero()) for each in others]
    known = (parse(revenue) + beside[0] + beside[1]).cast("string")
    paid = F.when(revenue.isNotNull(), F.coalesce(*map(no_amount, others), known, revenue))
    total = F.coalesce(F.col("properties.total"), F.when(is_refund, revenue).otherwise(paid))
    says_money = total.isNotNull() & F.col("event").isin(*completed_orders(feed), REFUNDED)
    orders = _orders(orders_raw, feed).where(F.coalesce(says_money, F.lit(False)))
    rows = as_payments(
        orders.withColumns(
            {
                "payment_id": F.when(is_refund, F.col("messageId")).otherwise(F.col("order_id")),
                "kind": F.when(is_refund, "refund").otherwise("payment"),
                "method": F.lit(None).cast("string"),
                "status": F.when(is_refund, "refunded").otherwise("paid"),
                "amount": total,
                "paid_at": F.col("time"),
                "updated_at": F.col("time"),
                "payload_hash": content_hash("messageId", "event", "time"),
            }
        ),
        feed,
    )
    return rows.drop("method")


def _orders(raw: DataFrame, feed: Feed) -> DataFrame:
    return messages(raw, feed, ("track",), (*completed_orders(feed), *CHANGES)).withColumns(
        {
            "order_id": F.col("properties.order_id"),
            "currency": F.col("properties.currency"),
            "time": F.date_format("at", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"),
        }
    )


def _sold(product: Column, place: Column) -> Column:
    return _goods(product, place, "sale", F.coalesce(product["quantity"], F.lit("1")))


def _returned(product: Column, place: Column) -> Column:
    return _goods(product, place, "return", negative(F.coalesce(product["quantity"], F.lit("1"))))


def _goods(product: Column, place: Column, kind: str, quantity: Column) -> Column:
    names = ("name", "sku", "category", "brand", "variant", "coupon")
    return line(
        line_number=place + 1,
        kind=kind,
        line_class="goods",
        product_id=F.coalesce(product["product_id"], product["sku"]),
        quantity=quantity,
        unit_price=product["price"],
        attributes=attributes(**{name: product[name] for name in names}),
    )


def _charges() -> tuple[Column, ...]:
    shipping, discount, tax = (F.col(f"properties.{name}") for name in ("shipping", "discount", "tax"))
    return (
        charge("shipping", SHIPPING, parse(shipping), shipping),
        charge("discount", DISCOUNT, -F.abs(parse(discount)), discount),
        charge("tax", TAX, parse(tax), tax),
    )


def _money_back() -> Column:
    """Return the whole of a refund that lists no products."""
    total = F.coalesce("properties.total", "properties.revenue")
    has_products = F.coalesce(F.size("properties.products") > 0, F.lit(False))
    return F.when(~has_products, charge("other", REMAINDER, -F.abs(parse(total)), total))
