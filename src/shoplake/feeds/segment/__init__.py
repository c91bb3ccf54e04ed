"""Segment's e-commerce spec (v2), which RudderStack and Jitsu follow: messages as JSON, one a line or in batches.

Format: https://segment.com/docs/connections/spec/ecommerce/v2/. Each mapping picks its own messages, so that a file may
hold any: a file in the feed's folder becomes events, order lines, payments and customers. A file in `events/` becomes
events alone, in `orders/` order lines and payments, in `customers/` customers.

An event is a `track`, `page` or `screen`; it is known by its `messageId`, which may arrive twice. An `Order Completed`
is one purchase event a product. Names that the spec does not know are left to the rule `event_name_known`. An order's
document is its `order_id`: `Order Updated` and `Order Cancelled` replace it, on the day that they happen. A refund's
document is its message: with products it returns them, without any it is an adjustment of its `total`. Each `identify`
of a user counts as all that is known of the customer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.attributes import attributes
from shoplake.columns.raw_record import RECORD, parse_as, parsed, type_errors, with_parsed
from shoplake.columns.time import local_date
from shoplake.columns.user_agent import parse_user_agent
from shoplake.columns.web import STEPS
from shoplake.declare import Feed, FeedKind, Stream
from shoplake.declare.kinds.mapped_columns import leaves_null
from shoplake.feeds import ad_costs, exchange_rates
from shoplake.feeds.documents import arrival, content_hash, currency
from shoplake.feeds.rename_events import mapped_name
from shoplake.feeds.segment.messages import MESSAGE_FIELDS, PRODUCT, PRODUCT_TYPE, messages
from shoplake.feeds.segment.orders import completed_orders, order_lines, payments

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

EVENT_NAMES = {
    "Products Searched": "page_view",
    "Product Viewed": "product_view",
    "Product Added": "add_to_cart",
    "Product Removed": "remove_from_cart",
    "Checkout Started": "checkout_started",
    "Order Completed": "purchase",
}
OF_ORDERS = ("Order Updated", "Order Refunded", "Order Cancelled")
"""Events that say what becomes of an order, and nothing that a visitor does."""
PAGES = ("$.batch[*]", "$[*]")
"""Where the messages are in a file that is one document."""

FOLDERS = {"events": "events_raw", "orders": "orders_raw", "customers": "customer_changes_raw"}
"""The tables that messages become, by the folder of files for that table alone."""


@leaves_null()
def events(events_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per event, and per product of a completed order; a search is a view of the page with its results."""
    each = _events_by_product(messages(events_raw, feed, ("track", "page", "screen")), feed)
    is_purchase, user = mapped_name(F.col("event_name"), feed) == "purchase", F.nullif("userId", F.lit(""))
    several = F.concat_ws(":", "messageId", (F.col("place") + 1).cast("string"))
    return each.withColumn("_agent", parse_user_agent("user_agent")).select(
        "feed",
        F.when(is_purchase & F.col("messageId").isNotNull(), several).otherwise(F.col("messageId")).alias("event_id"),
        F.col("at").alias("event_at"),
        local_date(F.col("at"), feed.timezone).alias("event_date"),
        "event_name",
        F.coalesce(user, F.nullif("anonymousId", F.lit(""))).alias("visitor_id"),
        user.alias("customer_id"),
        F.nullif("anonymousId", F.lit("")).alias("anonymous_id"),
        F.col("context.sessionId").alias("session_id"),
        F.coalesce("product.product_id", "product.sku").alias("product_id"),
        parse_as("quantity", "int").alias("quantity"),
        parse_as("price", money.UNIT).alias("unit_price"),
        F.when(is_purchase, F.col("properties.order_id")).alias("order_id"),
        currency(feed),
        F.coalesce("context.device.type", "_agent.device").alias("device"),
        "_agent.browser",
        F.col("channel").alias("platform"),
        F.coalesce("properties.url", "context.page.url").alias("page_url"),
        F.col("context.campaign.source").alias("utm_source"),
        F.col("context.campaign.medium").alias("utm_medium"),
        F.col("context.campaign.name").alias("utm_campaign"),
        F.coalesce("_agent.is_bot", F.lit(False)).alias("is_bot"),
        attributes(**_described(), query="properties.query"),
        content_hash(
            *("messageId", "type", "event", F.col("at").cast("string"), "userId", "anonymousId", "channel"),
            *("product.product_id", "price", "quantity", "currency", "user_agent"),
            *("properties.order_id", "properties.url", "properties.query", "context.sessionId", "context.page.url"),
            *("context.device.type", *(f"context.campaign.{name}" for name in ("source", "medium", "name"))),
            *_described().values(),
        ),
        *arrival(),
        RECORD,
        type_errors(timestamp="timestamp", quantity="int", price=money.UNIT),
    )


def _events_by_product(read: DataFrame, feed: Feed) -> DataFrame:
    """Return the messages of visitors, one row per product of each, with the fields that are typed later."""
    of_visitors = read.where(F.coalesce(~F.col("event").isin(*OF_ORDERS), F.lit(True)))
    return of_visitors.select("*", F.posexplode(_products(feed)).alias("place", "product")).withColumns(
        {
            "event_name": _event_name(),
            "currency": F.col("properties.currency"),
            "user_agent": F.col("context.userAgent"),
            "price": F.col("product.price"),
            "quantity": F.col("product.quantity"),
        }
    )


@leaves_null("sequence")
def customers(customer_changes_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per `identify` of a user, and per record that is no message."""
    read = messages(customer_changes_raw, feed, ("identify",))
    is_odd = F.col(f"{RECORD}.problem").isNotNull() | F.col("type").isNull()
    is_known = F.coalesce(F.length("userId") > 0, F.lit(False)) | is_odd
    place = [_trait(f"address.{name}") for name in ("city", "country")]
    named = read.where(is_known).withColumn("signed_up", F.coalesce(_trait("createdAt"), _trait("created_at")))
    return with_parsed(named, signed_up="timestamp").select(
        "feed",
        F.col("userId").alias("customer_id"),
        local_date(parsed("signed_up"), feed.timezone).alias("signup_date"),
        F.nullif(F.concat_ws(", ", *place), F.lit("")).alias("location"),
        _trait("email").alias("email"),
        _trait("phone").alias("phone"),
        attributes(plan=_trait("plan")),
        F.col("at").alias("updated_at"),
        F.lit("update").alias("operation"),
        RECORD,
        type_errors(timestamp="timestamp"),
    )


def _trait(name: str) -> Column:
    """Return a trait of the user: that of the message, else of its context, where RudderStack puts all of them."""
    return F.coalesce(*[F.nullif(F.col(f"{place}traits.{name}"), F.lit("")) for place in ("", "context.")])


def _event_name() -> Column:
    name = F.when(F.col("type").isin("page", "screen"), "page_view")
    for spelled, known in EVENT_NAMES.items():
        name = name.when(F.col("event") == spelled, known)
    return name.otherwise(F.col("event"))


def _products(feed: Feed) -> Column:
    """Return the products of a completed order; of any other event its one product, which its properties describe."""
    of_event = F.array(F.struct(*[F.col(f"properties.{name}").alias(name) for name in PRODUCT]).cast(PRODUCT_TYPE))
    listed = F.col("properties.products").cast(f"array<{PRODUCT_TYPE}>")
    has_list = F.col("event").isin(*completed_orders(feed)) & (F.size(listed) > 0)
    return F.when(has_list, listed).otherwise(of_event)


def _described() -> dict[str, str]:
    return {name: f"product.{name}" for name in ("name", "sku", "category", "brand", "variant", "coupon")}


SEGMENT = FeedKind(
    name="segment",
    doc="Segment, RudderStack, Jitsu: messages of the e-commerce spec, one a line or in batches",
    streams=(
        *(
            Stream(pattern, "json", into=into, fields=MESSAGE_FIELDS, pages=PAGES)
            for folder, into in FOLDERS.items()
            for pattern in ("*.json", f"{folder}/*.json")
        ),
        exchange_rates.EXCHANGE_RATES,
        *ad_costs.STREAMS,
    ),
    mappings={
        "events": {"events_raw": events},
        "order_lines": {"orders_raw": order_lines},
        "payments": {"orders_raw": payments},
        "customers": {"customer_changes_raw": customers},
        **exchange_rates.MAPPING,
        **ad_costs.MAPPING,
    },
    funnel_steps=STEPS,
    event_names=EVENT_NAMES,
    home="https://segment.com/docs/connections/spec/ecommerce/v2/",
)
