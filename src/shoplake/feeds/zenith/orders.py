"""Orders, refunds and payments of the native format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.raw_record import (
    RECORD,
    json_record,
    null_if_empty,
    parse_as,
    parsed,
    payload_hash,
    type_errors,
    with_parsed,
)
from shoplake.columns.time import local_date
from shoplake.declare.kinds.mapped_columns import leaves_null
from shoplake.feeds import documents
from shoplake.feeds.documents import PAYMENT_TYPES, arrival, with_lines

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed

LINES = "lines array<struct<line_number string, product_id string, quantity string, unit_price string, tax string>>"
CLASSED = LINES.removeprefix("lines ").replace(">>", ", line_class string>>").replace(" string", ":string")
"""Type of lines with their class; all lines are cast to it, because Sail requires arrays of exactly one type."""
MONEY = ("unit_price", "tax", "discount", "shipping", "amount")
NOTHING = {
    "line_number": "0",
    "product_id": None,
    "quantity": "0",
    "unit_price": "0",
    "tax": None,
    "line_class": "other",
}
"""The line of a record whose lines are empty."""
PAYMENTS = (
    "payments array<struct<payment_id string, method string, amount string, status string, paid_at string, "
    "updated_at string>>"
)
ORDER = (
    "order_id string, ordered_at string, customer_id string, country string, currency string, "
    f"{LINES}, discount string, shipping string, {PAYMENTS}, status string, updated_at string"
)
REFUND = (
    "refund_id string, order_id string, refunded_at string, customer_id string, country string, currency string, "
    f"{LINES}, payment_id string, amount string, status string, updated_at string"
)

LINE_TYPES = {
    name: documents.LINE_TYPES[name]
    for name in ("ordered_at", "updated_at", "line_number", "quantity", "unit_price", "tax")
}
"""The types of a line's texts; its amount is computed."""


@leaves_null("price_source", "attributes", "source_file")
def ordered_lines(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each order to its goods lines, shipping (line -1) and discount (line -2), where it has them.

    One whose `lines` are empty has an adjustment of 0 (line 0), so that it replaces the lines of an older version. One
    without `lines` is part of an order: it has the problem `lines_missing` and replaces no lines.
    """
    orders = with_lines(json_record(orders_raw, ORDER, numbers=MONEY, strict=feed.is_strict), "lines")
    shipping = _extra_line("-1", "shipping", "shipping", sign="")
    discount = _extra_line("-2", "discount", "discount", sign="-")
    extra = F.array(shipping, discount).cast(CLASSED)
    return _as_lines(orders, F.array_compact(F.concat(_goods_lines(), extra)), feed, "sale")


@leaves_null("price_source", "attributes", "source_file")
def returned_lines(refunds_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each refund to its returned lines with negative quantity, on the day of the refund.

    One whose `lines` are empty has an adjustment of 0 (line 0), as money alone is paid back.
    """
    refunds = json_record(refunds_raw, REFUND, numbers=MONEY, strict=feed.is_strict).withColumnRenamed(
        "refunded_at", "ordered_at"
    )
    return _as_lines(refunds, _goods_lines(), feed, "return")


@leaves_null("source_file")
def payments(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each order to its payments: no row without payments, one row where they cannot be parsed."""
    is_unreadable = F.col("payments").isNull() & F.get_json_object(f"{RECORD}.raw", "$.payments").isNotNull()
    has_payment = F.col("place").isNotNull() | is_unreadable | F.col(f"{RECORD}.problem").isNotNull()
    exploded = (
        json_record(orders_raw, ORDER, numbers=MONEY, strict=feed.is_strict)
        .select("*", F.posexplode_outer("payments").alias("place", "payment"))
        .where(has_payment)
    )
    flat = exploded.withColumns(
        {
            **{name: F.col(f"payment.{name}") for name in ("payment_id", "method", "amount", "status")},
            "updated_at": F.coalesce("payment.updated_at", "updated_at"),
        }
    )
    return _as_payments(flat.withColumn("paid_at", F.col("payment.paid_at")), feed, "payment")


@leaves_null("source_file")
def refund_payments(refunds_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each refund to a payment with negative amount and the refund's id."""
    refunds = json_record(refunds_raw, REFUND, numbers=MONEY, strict=feed.is_strict).withColumns(
        {
            "payment_id": F.col("refund_id"),
            "method": F.lit(None).cast("string"),
            "status": F.when(_order_status() == "cancelled", "cancelled").otherwise("refunded"),
        }
    )
    return _as_payments(refunds.withColumn("paid_at", F.col("refunded_at")), feed, "refund")


def _goods_lines() -> Column:
    """Return the record's goods lines; `NOTHING` if there are none, and one empty line if they cannot be parsed."""
    names = tuple(NOTHING)
    nothing, unknown = (
        F.struct(*[F.lit(value).cast("string").alias(name) for name, value in cells.items()])
        for cells in (NOTHING, dict.fromkeys(names[:-1]) | {"line_class": "goods"})
    )
    goods = F.transform(
        "lines",
        lambda line: F.struct(*[line[name].alias(name) for name in names[:-1]], F.lit("goods").alias(names[-1])),
    )
    is_empty = F.size("lines") == 0
    lines = F.when(is_empty, F.array(nothing).cast(CLASSED)).otherwise(goods.cast(CLASSED))
    return F.coalesce(lines, F.array(unknown).cast(CLASSED))


def _extra_line(number: str, line_class: str, field: str, *, sign: str) -> Column:
    """Build a line from a field of the record; null where the field is missing or 0, or the record has no lines."""
    line = F.struct(
        F.lit(number).alias("line_number"),
        F.lit(None).cast("string").alias("product_id"),
        F.lit("1").alias("quantity"),
        F.concat(F.lit(sign), F.col(field)).alias("unit_price"),
        F.lit(None).cast("string").alias("tax"),
        F.lit(line_class).alias("line_class"),
    )
    has_value = (
        F.col("lines").isNotNull()
        & F.col(field).isNotNull()
        & F.coalesce(parse_as(field, money.UNIT) != 0, F.lit(True))
    )
    return F.when(has_value, line)


def _as_lines(records: DataFrame, lines: Column, feed: Feed, kind: str) -> DataFrame:
    names = ("line_number", "product_id", "quantity", "unit_price", "tax", "line_class")
    texts = records.withColumn("line", F.explode(lines)).withColumns({name: F.col(f"line.{name}") for name in names})
    flat, is_adjustment = with_parsed(texts, **LINE_TYPES), F.col("line_class").isin("discount", "other")
    quantity, tax = (-parsed(name) if kind == "return" else parsed(name) for name in ("quantity", "tax"))
    return flat.select(
        "feed",
        "order_id",
        (F.col("refund_id") if kind == "return" else F.col("order_id")).alias("document_id"),
        parsed("line_number").alias("line_number"),
        F.when(is_adjustment, "adjustment").otherwise(kind).alias("kind"),
        "line_class",
        _order_status().alias("status"),
        parsed("ordered_at").alias("ordered_at"),
        local_date(parsed("ordered_at"), feed.timezone).alias("order_date"),
        parsed("updated_at").alias("updated_at"),
        "customer_id",
        "product_id",
        "country",
        quantity.alias("quantity"),
        parsed("unit_price").alias("unit_price"),
        money.amount(quantity, parsed("unit_price")).alias("amount"),
        tax.alias("tax"),
        currency(feed),
        F.col(f"{RECORD}.line").alias("version_line"),
        payload_hash(),
        *arrival(),
        RECORD,
        type_errors(*LINE_TYPES),
    )


def _as_payments(texts: DataFrame, feed: Feed, kind: str) -> DataFrame:
    amount = (-parsed("amount")).cast(money.SUM) if kind == "refund" else parsed("amount")
    return with_parsed(texts, **PAYMENT_TYPES).select(
        "feed",
        "payment_id",
        "order_id",
        F.lit(kind).alias("kind"),
        "method",
        "status",
        amount.alias("amount"),
        currency(feed),
        parsed("paid_at").alias("paid_at"),
        local_date(parsed("paid_at"), feed.timezone).alias("paid_date"),
        parsed("updated_at").alias("updated_at"),
        F.col(f"{RECORD}.line").alias("version_line"),
        payload_hash(),
        *arrival(),
        RECORD,
        type_errors(*PAYMENT_TYPES),
    )


def _order_status() -> Column:
    return F.lower(null_if_empty("status"))


def currency(feed: Feed) -> Column:
    """Return the currency of the record, or that of the feed."""
    return F.coalesce(null_if_empty("currency"), F.lit(feed.currency).cast("string")).alias("currency")
