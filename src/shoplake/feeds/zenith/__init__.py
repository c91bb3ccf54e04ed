"""The native format: events, customers, products, orders, refunds, exchange rates and ad spend of one shop.

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
    parsed,
    payload_hash,
    type_errors,
    with_parsed,
)
from shoplake.columns.time import local_date
from shoplake.columns.user_agent import parse_user_agent
from shoplake.columns.web import STEPS, event_name
from shoplake.declare import Feed, FeedKind, Stream
from shoplake.declare.kinds.mapped_columns import leaves_null
from shoplake.feeds import ad_costs, exchange_rates
from shoplake.feeds.documents import arrival
from shoplake.feeds.zenith.dimensions import (
    CHANGE,
    CUSTOMER,
    PRODUCT,
    customer_changes,
    customers,
    product_changes,
    products,
)
from shoplake.feeds.zenith.orders import (
    ORDER,
    REFUND,
    currency,
    ordered_lines,
    payments,
    refund_payments,
    returned_lines,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

EVENT = ", ".join(
    f"{name} string"
    for name in (
        *("event_id", "event_ts", "event_name", "user_id", "anonymous_id", "session_id", "product_id", "price"),
        *("quantity", "order_id", "currency", "device", "platform", "page_url", "user_agent"),
        *("utm_source", "utm_medium", "utm_campaign"),
    )
)
EVENT_TYPES = {"event_ts": "timestamp", "quantity": "int", "price": money.UNIT}


@leaves_null("attributes")
def events(events_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each event record to an event."""
    records = json_record(events_raw, EVENT, numbers=("price",), strict=feed.is_strict)
    return with_parsed(records.withColumn("_agent", parse_user_agent("user_agent")), **EVENT_TYPES).select(
        "feed",
        null_if_empty("event_id").alias("event_id"),
        parsed("event_ts").alias("event_at"),
        local_date(parsed("event_ts"), feed.timezone).alias("event_date"),
        event_name("event_name").alias("event_name"),
        F.coalesce(null_if_empty("user_id"), null_if_empty("anonymous_id")).alias("visitor_id"),
        null_if_empty("user_id").alias("customer_id"),
        null_if_empty("anonymous_id").alias("anonymous_id"),
        "session_id",
        "product_id",
        parsed("quantity").alias("quantity"),
        parsed("price").alias("unit_price"),
        "order_id",
        currency(feed),
        F.coalesce(null_if_empty("device"), "_agent.device").alias("device"),
        "_agent.browser",
        "platform",
        "page_url",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        F.coalesce("_agent.is_bot", F.lit(False)).alias("is_bot"),
        payload_hash(),
        *arrival(),
        RECORD,
        type_errors(*EVENT_TYPES),
    )


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
        ad_costs.SPEND,
    ),
    mappings={
        "events": {"events_raw": events},
        "customers": {"customers_raw": customers, "customer_changes_raw": customer_changes},
        "products": {"products_raw": products, "product_changes_raw": product_changes},
        "order_lines": {"orders_raw": ordered_lines, "refunds_raw": returned_lines},
        "payments": {"orders_raw": payments, "refunds_raw": refund_payments},
        **exchange_rates.MAPPING,
        **ad_costs.MAPPING,
    },
    funnel_steps=STEPS,
)
