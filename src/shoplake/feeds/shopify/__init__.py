"""Shopify: bodies of the Admin REST API or of webhooks, one object a record, and what the admin exports as CSV.

Format: https://shopify.dev/docs/api/admin-rest (orders, refunds, transactions, products, customers). A record is an
object, alone (webhooks) or as `{"order": {…}}`; a page of the API is one document, `{"orders": […]}` or an array.

Money is the shop's (shop money), not the customer's (presentment money). A line's unit price is the price that the
order states: with the tax where the attribute `taxes_included` is true, else without; its `tax` is the sum of its tax
lines. The discount of an order is one line, the sum of what is allocated to items and shipping. So the amounts of an
order, and its taxes where they are outside the prices, add up to its `total_price`.

An order within which refunds are listed sells what was ordered, and the refunds return it. What an edit removed without
a refund was not sold. Gift cards, tips, duties and fees are of class other; duties within the prices are no line.
Orders of a test are quarantined with the reason `test_order`, bodies without `line_items` with `lines_missing`: a part
of an order takes none of its lines away. An order is as new as its `updated_at`; use either bodies or exports for it,
because their lines have different numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import null_if_empty
from shoplake.declare import Feed, FeedKind, Stream
from shoplake.declare.kinds.mapped_columns import leaves_null
from shoplake.feeds import ad_costs, exchange_rates
from shoplake.feeds.shopify.dimensions import CUSTOMER_FIELDS, PRODUCT_FIELDS, customer_bodies, product_bodies
from shoplake.feeds.shopify.export import EXPORT_FIELDS, exported_lines, exported_payments
from shoplake.feeds.shopify.export_dimensions import (
    CUSTOMER_EXPORT_FIELDS,
    PRODUCT_EXPORT_FIELDS,
    exported_customers,
    exported_products,
)
from shoplake.feeds.shopify.orders import ORDER_FIELDS, ordered_lines, refund_payments
from shoplake.feeds.shopify.refunds import REFUND_FIELDS, repayments, returned_lines
from shoplake.feeds.shopify.transactions import TRANSACTION_FIELDS, transactions

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

ALL_OF_ORDERS = (*ORDER_FIELDS, *TRANSACTION_FIELDS, *EXPORT_FIELDS)
"""What is known of the three streams that become `orders_raw`."""
ALL_OF_PRODUCTS = (*PRODUCT_FIELDS, *PRODUCT_EXPORT_FIELDS)
ALL_OF_CUSTOMERS = (*CUSTOMER_FIELDS, *CUSTOMER_EXPORT_FIELDS)


def _pages(name: str) -> tuple[str, ...]:
    """Return where the objects are in a page of the API, and in an indented body of a webhook."""
    return f"$.{name}[*]", f"$.{name.removesuffix('s')}", "$[*]"


@leaves_null("price_source", "source_file")
def order_lines(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per line of an order or of a refund within it, from bodies and from exports."""
    bodies, exports = orders_raw.where(~_is_export() & ~_is_transaction()), orders_raw.where(_is_export())
    return ordered_lines(bodies, feed).unionByName(exported_lines(exports, feed))


@leaves_null("source_file")
def payments(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per movement of money, from transactions, refunds within orders, and exports."""
    bodies = orders_raw.where(~_is_export() & ~_is_transaction())
    nested = refund_payments(bodies, feed)
    alone = transactions(orders_raw.where(_is_transaction()), feed)
    return alone.unionByName(nested).unionByName(exported_payments(orders_raw.where(_is_export()), feed))


@leaves_null("parent_category", "operation", "sequence", "sets")
def products(products_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per product body, and one per variant of an export."""
    is_export = _is_export("products")
    bodies = product_bodies(products_raw.where(~is_export), feed)
    return bodies.unionByName(exported_products(products_raw.where(is_export), feed))


@leaves_null("operation", "sequence")
def customers(customers_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per customer, from bodies and from exports."""
    is_export = _is_export("customers")
    bodies = customer_bodies(customers_raw.where(~is_export), feed)
    both = bodies.unionByName(exported_customers(customers_raw.where(is_export), feed))
    return both.withColumn("customer_id", null_if_empty("customer_id"))  # Sail returns no union with texts as it is


def _is_export(of: str = "orders") -> Column:
    return F.col("file").startswith(f"{of}_export")


def _is_transaction() -> Column:
    return F.col("file").startswith("transactions/")


SHOPIFY = FeedKind(
    name="shopify",
    doc="Shopify: pages of the Admin REST API, bodies of webhooks, and exports of the admin",
    streams=(
        Stream("orders/*.json", "json", into="orders_raw", fields=ALL_OF_ORDERS, pages=_pages("orders")),
        Stream("transactions/*.json", "json", into="orders_raw", fields=ALL_OF_ORDERS, pages=_pages("transactions")),
        Stream("orders_export*.csv", "csv", into="orders_raw", fields=ALL_OF_ORDERS),
        Stream("refunds/*.json", "json", into="refunds_raw", fields=REFUND_FIELDS, pages=_pages("refunds")),
        Stream("products/*.json", "json", into="products_raw", fields=ALL_OF_PRODUCTS, pages=_pages("products")),
        Stream("products_export*.csv", "csv", into="products_raw", fields=ALL_OF_PRODUCTS),
        Stream("customers/*.json", "json", into="customers_raw", fields=ALL_OF_CUSTOMERS, pages=_pages("customers")),
        Stream("customers_export*.csv", "csv", into="customers_raw", fields=ALL_OF_CUSTOMERS),
        exchange_rates.EXCHANGE_RATES,
        *ad_costs.STREAMS,
    ),
    mappings={
        "order_lines": {"orders_raw": order_lines, "refunds_raw": returned_lines},
        "payments": {"orders_raw": payments, "refunds_raw": repayments},
        "products": {"products_raw": products},
        "customers": {"customers_raw": customers},
        **exchange_rates.MAPPING,
        **ad_costs.MAPPING,
    },
    home="https://shopify.dev/docs/api/admin-rest",
)
