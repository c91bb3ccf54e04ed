"""WooCommerce: bodies of the REST API v3 or of webhooks, one object a record.

Format: https://woocommerce.github.io/woocommerce-rest-api-docs/ (orders, order refunds, products, customers). A record
is an object, alone or as `{"order": {…}}`; a page of the API is an array. Times are the
`…_gmt` fields, which have no offset and are UTC.

Money is without tax, whether or not the shop's prices include it: a line's unit price is `subtotal` / quantity, its
amount `subtotal`, its tax `total_tax` (after discounts). The discount is one line of -`discount_total`, shipping one of
`shipping_total`, a fee is a line of class other. The API rounds each of them by itself, while `total` is rounded once:
the cents between are an adjustment of class other. So the amounts and taxes of an order add up to its `total`. Those of
a refund add up to -`amount`: what it pays back beyond its lines is an adjustment of class other. A refund does not say
its currency and is in the feed's, unless the files have it in a field `currency`; `verify` names the orders of others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.money import UNIT, minor_unit, parse
from shoplake.columns.raw_record import field_names, null_if_empty
from shoplake.declare import Feed, FeedKind, Stream
from shoplake.declare.kinds.mapped_columns import leaves_null
from shoplake.feeds import ad_costs, exchange_rates
from shoplake.feeds.documents import (
    DISCOUNT,
    REMAINDER,
    SHIPPING,
    as_order_lines,
    as_payments,
    body_hash,
    charge,
    currency,
    json_document,
    line,
    lines_of,
    with_lines,
    zero,
)
from shoplake.feeds.woocommerce.dimensions import CUSTOMER_FIELDS, PRODUCT_FIELDS, customers, products
from shoplake.feeds.woocommerce.items import CHARGES, ITEM, MONEY, described, fee_line, product_id, sum_of
from shoplake.feeds.woocommerce.refunds import REFUND_FIELDS, repayments, returned_lines

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

PAGES = ("$[*]",)
"""Where the objects are in a page of the API."""
ORDER = (
    "id string, status string, currency string, created_via string, customer_id string, payment_method string, "
    "date_created_gmt string, date_modified_gmt string, date_paid_gmt string, discount_total string, "
    "shipping_total string, shipping_tax string, total string, billing struct<country:string>, "
    f"shipping struct<country:string>, line_items {ITEM}, fee_lines {CHARGES}"
)
ORDER_FIELDS = (
    *field_names(ORDER),
    *("parent_id", "number", "order_key", "version", "date_created", "date_modified", "date_paid", "date_completed"),
    *("date_completed_gmt", "discount_tax", "cart_tax", "total_tax", "prices_include_tax", "customer_ip_address"),
    *("customer_user_agent", "customer_note", "payment_method_title", "transaction_id", "cart_hash", "meta_data"),
    *("tax_lines", "shipping_lines", "coupon_lines", "refunds", "set_paid", "payment_url", "is_editable", "_links"),
    *("needs_payment", "needs_processing", "currency_symbol", "order"),
)
STATUS = {
    **dict.fromkeys(("pending", "on-hold"), "placed"),
    **dict.fromkeys(("processing", "refunded"), "paid"),
    "completed": "fulfilled",
    **dict.fromkeys(("cancelled", "failed", "trash", "checkout-draft", "auto-draft"), "cancelled"),
}
"""Of orders; a shop's own status is unknown, and null."""


@leaves_null("price_source", "source_file")
def ordered_lines(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per line of an order: goods and fees by their own numbers, then shipping and discount.

    A record without `line_items` is part of an order and replaces no lines.
    """
    status = F.lit(None).cast("string")
    for name, known in STATUS.items():
        status = F.when(F.col("status") == name, known).otherwise(status)
    shipping, discount = F.col("shipping_total"), F.col("discount_total")
    charges = (
        charge("shipping", SHIPPING, parse(shipping), shipping, tax=F.col("shipping_tax")),
        charge("discount", DISCOUNT, -parse(discount), discount),
        charge("other", REMAINDER, F.col("rounding"), F.col("total"), kind="adjustment"),
    )
    orders = with_lines(_orders(orders_raw, feed), "line_items").withColumn("rounding", _rounding(feed))
    documents = orders.withColumns(
        {
            "lines": lines_of(F.transform("line_items", _goods), F.transform("fee_lines", _fee), F.array(*charges)),
            "order_id": F.col("id"),
            "document_id": F.col("id"),
            "ordered_at": F.col("date_created_gmt"),
            "updated_at": F.col("date_modified_gmt"),
            "status": status,
            "customer_id": F.nullif("customer_id", F.lit("0")),
            "country": _country(),
            "payload_hash": body_hash(),
        }
    )
    return as_order_lines(documents, feed)


@leaves_null("source_file")
def payments(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per order that is paid, or whose record cannot be read; its number is the payment's."""
    orders = _orders(orders_raw, feed)
    is_paid = (F.length("date_paid_gmt") > 0) | F.col("_source.problem").isNotNull()
    paid = orders.where(is_paid).withColumns(
        {
            "payment_id": F.col("id"),
            "order_id": F.col("id"),
            "kind": F.lit("payment"),
            "method": null_if_empty("payment_method"),
            "status": F.lit("paid"),
            "amount": F.col("total"),
            "paid_at": F.col("date_paid_gmt"),
            "updated_at": F.col("date_modified_gmt"),
            "payload_hash": body_hash(),
        }
    )
    return as_payments(paid, feed)


def _orders(raw: DataFrame, feed: Feed) -> DataFrame:
    return json_document(raw, ORDER, wrapper="order", known=ORDER_FIELDS, numbers=MONEY, is_strict=feed.is_strict)


def _goods(item: Column) -> Column:
    return line(
        line_number=item["id"],
        kind="sale",
        line_class="goods",
        product_id=product_id(item),
        quantity=item["quantity"],
        amount=item["subtotal"],
        tax=item["total_tax"],
        attributes=described(item),
    )


def _fee(fee: Column) -> Column:
    kind = F.when(fee["total"].startswith("-"), "adjustment").otherwise("sale")
    return fee_line(fee, kind, "1", fee["total"], fee["total_tax"])


def _rounding(feed: Feed) -> Column:
    """Return what the total of an order has beyond its lines and their taxes; null where it is more than rounding."""
    names = (
        ("line_items", "subtotal"),
        ("line_items", "total_tax"),
        ("fee_lines", "total"),
        ("fee_lines", "total_tax"),
    )
    sums = [sum_of(*each) for each in names]
    charges = [F.coalesce(parse(name), zero()) for name in ("shipping_total", "shipping_tax")]
    known = sum((*sums, *charges), -F.coalesce(parse("discount_total"), zero()))
    numbers = F.size("line_items") + F.coalesce(F.size("fee_lines"), F.lit(0)) + 2
    beyond = (parse("total") - known).cast(UNIT)
    return F.when(F.abs(beyond) <= minor_unit(currency(feed)) * numbers, beyond)


def _country() -> Column:
    named = [F.nullif(F.col(f"{address}.country"), F.lit("")) for address in ("shipping", "billing")]
    return F.coalesce(*named)


WOOCOMMERCE = FeedKind(
    name="woocommerce",
    doc="WooCommerce: pages and bodies of the REST API v3",
    streams=(
        Stream("orders/*.json", "json", into="orders_raw", fields=ORDER_FIELDS, pages=PAGES),
        Stream("refunds/*.json", "json", into="refunds_raw", fields=REFUND_FIELDS, pages=PAGES),
        Stream("products/*.json", "json", into="products_raw", fields=PRODUCT_FIELDS, pages=PAGES),
        Stream("customers/*.json", "json", into="customers_raw", fields=CUSTOMER_FIELDS, pages=PAGES),
        exchange_rates.EXCHANGE_RATES,
        *ad_costs.STREAMS,
    ),
    mappings={
        "order_lines": {"orders_raw": ordered_lines, "refunds_raw": returned_lines},
        "payments": {"orders_raw": payments, "refunds_raw": repayments},
        "products": {"products_raw": products},
        "customers": {"customers_raw": customers},
        **exchange_rates.MAPPING,
        **ad_costs.MAPPING,
    },
    home="https://woocommerce.github.io/woocommerce-rest-api-docs/",
)
