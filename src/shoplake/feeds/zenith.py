"""The native format: events, customers, products, orders, refunds and exchange rates of one shop.

JSON streams are NDJSON, one object per line; times are ISO 8601 with an offset or `Z` (without one they count as UTC).
Customers and products are full snapshots, or changes, or both (see `zenith_dimensions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.raw_record import (
    RECORD,
    field_names,
    json_record,
    null_if_empty,
    parse_as,
    payload_hash,
    type_errors,
)
from shoplake.columns.time import local_date
from shoplake.columns.user_agent import parse_user_agent
from shoplake.columns.web import STEPS, event_name, is_bot
from shoplake.declare import Feed, FeedKind, Stream
from shoplake.feeds import exchange_rates
from shoplake.feeds.zenith_dimensions import (
    CHANGE,
    CUSTOMER,
    PRODUCT,
    customer_changes,
    customers,
    product_changes,
    products,
)

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

EVENT = ", ".join(
    f"{name} string"
    for name in (
        *("event_id", "event_ts", "event_name", "user_id", "anonymous_id", "session_id", "product_id", "price"),
        *("quantity", "order_id", "currency", "device", "platform", "page_url", "user_agent"),
        *("utm_source", "utm_medium", "utm_campaign"),
    )
)
LINES = "lines array<struct<line_number string, product_id string, quantity string, unit_price string>>"
CLASSED = LINES.removeprefix("lines ").replace(">>", ", line_class string>>").replace(" string", ":string")
"""Type of lines with their class; all lines are cast to it, because Sail requires arrays of exactly one type."""
MONEY = ("unit_price", "discount", "shipping", "amount")
PAYMENTS = "payments array<struct<payment_id string, method string, amount string, status string, paid_at string>>"
ORDER = (
    "order_id string, ordered_at string, customer_id string, country string, currency string, "
    f"{LINES}, discount string, shipping string, {PAYMENTS}"
)
REFUND = (
    "refund_id string, order_id string, refunded_at string, customer_id string, country string, currency string, "
    f"{LINES}, payment_id string, amount string"
)


def events(events_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each event record to an event."""
    event_at = parse_as("event_ts", "timestamp")
    records = json_record(events_raw, EVENT, numbers=("price",), strict=feed.is_strict)
    return records.withColumn("_agent", parse_user_agent("user_agent")).select(
        "feed",
        null_if_empty("event_id").alias("event_id"),
        event_at.alias("event_at"),
        local_date(event_at, feed.timezone).alias("event_date"),
        event_name("event_name").alias("event_name"),
        F.coalesce(null_if_empty("user_id"), null_if_empty("anonymous_id")).alias("visitor_id"),
        null_if_empty("user_id").alias("customer_id"),
        "session_id",
        "product_id",
        parse_as("quantity", "int").alias("quantity"),
        parse_as("price", money.UNIT).alias("unit_price"),
        "order_id",
        _currency(feed),
        F.coalesce(null_if_empty("device"), "_agent.device").alias("device"),
        "_agent.browser",
        "platform",
        "page_url",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        (is_bot("user_agent") | F.coalesce("_agent.is_bot", F.lit(False))).alias("is_bot"),
        payload_hash(),
        *_lineage(),
        RECORD,
        type_errors(event_ts="timestamp", quantity="int", price=money.UNIT),
    )


def ordered_lines(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each order to its goods lines, shipping (line -1) and discount (line -2), where it has them.

    A record without goods has one row, which violates an expectation.
    """
    orders = json_record(orders_raw, ORDER, numbers=MONEY, strict=feed.is_strict)
    shipping = _extra_line("-1", "shipping", "shipping", sign="")
    discount = _extra_line("-2", "discount", "discount", sign="-")
    extra = F.array(shipping, discount).cast(CLASSED)
    return _as_lines(orders, F.array_compact(F.concat(_goods_lines(), extra)), feed, "sale")


def returned_lines(refunds_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each refund to its returned lines with negative quantity, on the day of the refund."""
    refunds = json_record(refunds_raw, REFUND, numbers=MONEY, strict=feed.is_strict).withColumnRenamed(
        "refunded_at", "ordered_at"
    )
    return _as_lines(refunds, _goods_lines(), feed, "return")


def payments(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each order to its payments: no row without payments, one row where they cannot be parsed."""
    raw_payments = F.coalesce(F.get_json_object(f"{RECORD}.raw", "$.payments"), F.lit("[]"))
    has_payment = F.col("payment").isNotNull() | F.col(f"{RECORD}.problem").isNotNull() | (raw_payments != "[]")
    exploded = (
        json_record(orders_raw, ORDER, numbers=MONEY, strict=feed.is_strict)
        .withColumn("payment", F.explode_outer("payments"))
        .where(has_payment)
    )
    flat = exploded.withColumns(
        {name: F.col(f"payment.{name}") for name in ("payment_id", "method", "amount", "status")}
    )
    return _as_payments(
        flat.withColumn("paid_at", F.col("payment.paid_at")), feed, "payment", parse_as("amount", money.SUM)
    )


def refund_payments(refunds_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each refund to a payment with negative amount and the refund's id."""
    refunds = json_record(refunds_raw, REFUND, numbers=MONEY, strict=feed.is_strict).withColumns(
        {"payment_id": F.col("refund_id"), "method": F.lit(None).cast("string"), "status": F.lit("refunded")}
    )
    amount = (-parse_as("amount", money.SUM)).cast(money.SUM)
    return _as_payments(refunds.withColumn("paid_at", F.col("refunded_at")), feed, "refund", amount)


def _goods_lines() -> Column:
    """Return the record's goods lines, or one empty line if it has none that can be parsed."""
    empty = ("line_number", "product_id", "quantity", "unit_price")
    empty_line = F.struct(*[F.lit(None).cast("string").alias(name) for name in empty])
    lines = F.coalesce(F.when(F.size("lines") > 0, F.col("lines")), F.array(empty_line))
    with_class = F.transform(
        lines, lambda line: F.struct(*[line[name].alias(name) for name in empty], F.lit("goods").alias("line_class"))
    )
    return with_class.cast(CLASSED)


def _extra_line(number: str, line_class: str, field: str, *, sign: str) -> Column:
    """Build a line from a field of the record; null where the field is missing or 0."""
    line = F.struct(
        F.lit(number).alias("line_number"),
        F.lit(None).cast("string").alias("product_id"),
        F.lit("1").alias("quantity"),
        F.concat(F.lit(sign), F.col(field)).alias("unit_price"),
        F.lit(line_class).alias("line_class"),
    )
    has_value = F.col(field).isNotNull() & F.coalesce(parse_as(field, money.UNIT) != 0, F.lit(True))
    return F.when(has_value, line)


def _as_lines(records: DataFrame, lines: Column, feed: Feed, kind: str) -> DataFrame:
    flat = records.withColumn("line", F.explode(lines)).withColumns(
        {name: F.col(f"line.{name}") for name in ("line_number", "product_id", "quantity", "unit_price", "line_class")}
    )
    at, is_discount = parse_as("ordered_at", "timestamp"), F.col("line_class") == "discount"
    quantity = -parse_as("quantity", "int") if kind == "return" else parse_as("quantity", "int")
    return flat.select(
        "feed",
        "order_id",
        (F.col("refund_id") if kind == "return" else F.col("order_id")).alias("document_id"),
        parse_as("line_number", "bigint").alias("line_number"),
        F.when(is_discount, "adjustment").otherwise(kind).alias("kind"),
        "line_class",
        at.alias("ordered_at"),
        local_date(at, feed.timezone).alias("order_date"),
        "customer_id",
        "product_id",
        "country",
        quantity.alias("quantity"),
        parse_as("unit_price", money.UNIT).alias("unit_price"),
        money.amount(quantity, parse_as("unit_price", money.UNIT)).alias("amount"),
        _currency(feed),
        payload_hash(),
        *_lineage(),
        RECORD,
        type_errors(ordered_at="timestamp", line_number="bigint", quantity="int", unit_price=money.UNIT),
    )


def _as_payments(flat: DataFrame, feed: Feed, kind: str, amount: Column) -> DataFrame:
    at = parse_as("paid_at", "timestamp")
    return flat.select(
        "feed",
        "payment_id",
        "order_id",
        F.lit(kind).alias("kind"),
        "method",
        "status",
        amount.alias("amount"),
        _currency(feed),
        at.alias("paid_at"),
        local_date(at, feed.timezone).alias("paid_date"),
        payload_hash(),
        *_lineage(),
        RECORD,
        type_errors(paid_at="timestamp", amount=money.SUM),
    )


def _currency(feed: Feed) -> Column:
    return F.coalesce("currency", F.lit(feed.currency).cast("string")).alias("currency")


def _lineage() -> tuple[Column, Column]:
    return F.col(f"{RECORD}.batch_id").alias("batch_id"), F.col(f"{RECORD}.ingested_at").alias("ingested_at")


ZENITH = FeedKind(
    name="zenith",
    doc="The native format, as `shoplake generate` writes it",
    streams=(
        Stream("events/*.json", "json", into="events_raw", fields=field_names(EVENT)),
        Stream("customers/*.csv", "csv", into="customers_raw", fields=CUSTOMER),
        Stream("products/*.parquet", "parquet", into="products_raw", fields=PRODUCT),
        Stream("customer_changes/*.json", "json", into="customer_changes_raw", fields=(*CHANGE, *CUSTOMER[:-1])),
        Stream("product_changes/*.json", "json", into="product_changes_raw", fields=(*CHANGE, *PRODUCT[:-1])),
        Stream("orders/*.json", "json", into="orders_raw", fields=field_names(ORDER)),
        Stream("refunds/*.json", "json", into="refunds_raw", fields=field_names(REFUND)),
        exchange_rates.EXCHANGE_RATES,
    ),
    mappings={
        "events": {"events_raw": events},
        "customers": {"customers_raw": customers, "customer_changes_raw": customer_changes},
        "products": {"products_raw": products, "product_changes_raw": product_changes},
        "order_lines": {"orders_raw": ordered_lines, "refunds_raw": returned_lines},
        "payments": {"orders_raw": payments, "refunds_raw": refund_payments},
        **exchange_rates.MAPPING,
    },
    funnel_steps=STEPS,
)
