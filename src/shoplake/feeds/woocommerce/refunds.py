"""Refunds of WooCommerce orders: what comes back, and the money paid back for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.money import UNIT, parse
from shoplake.columns.raw_record import field_names
from shoplake.declare.kinds.mapped_columns import leaves_null
from shoplake.feeds.documents import (
    REMAINDER,
    SHIPPING,
    as_order_lines,
    as_payments,
    body_hash,
    charge,
    json_document,
    line,
    lines_of,
    negative,
    unknown_sum,
    zero,
)
from shoplake.feeds.woocommerce.items import CHARGES, ITEM, MONEY, described, fee_line, product_id, sum_of

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed

REFUND = (
    "id string, parent_id string, date_created_gmt string, amount string, currency string, "
    "_links struct<up:array<struct<href:string>>>, "
    f"line_items {ITEM}, shipping_lines {CHARGES}, fee_lines {CHARGES}"
)
REFUND_FIELDS = (
    *field_names(REFUND),
    *("date_created", "reason", "refunded_by", "refunded_payment", "meta_data", "tax_lines", "api_refund"),
    "api_restock",
    "refund",
)


@leaves_null("price_source", "source_file")
def returned_lines(refunds_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per line of a refund, with its quantity negative, on the day of the refund.

    A line that pays money back without taking goods back is an adjustment of class other.
    """
    back, tax = F.col("shipping"), -F.col("shipping_tax")
    shipping = charge("shipping", SHIPPING, -back, unknown_sum(back), kind="return", tax=tax)
    remainder = charge("other", REMAINDER, -F.col("remainder"), F.col("amount"))
    lines = lines_of(
        F.transform("line_items", _returned), F.transform("fee_lines", _returned_fee), F.array(shipping, remainder)
    )
    documents = (
        _refunds(refunds_raw, feed)
        .withColumn("has_minus", _has_minus())
        .withColumns(_sums())
        .withColumns(
            {
                "lines": lines,
                "document_id": F.col("id"),
                "ordered_at": F.col("date_created_gmt"),
                **dict.fromkeys(("status", "customer_id", "country", "updated_at"), F.lit(None).cast("string")),
            }
        )
    )
    return as_order_lines(documents, feed)


@leaves_null("source_file")
def repayments(refunds_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per refund of money, its amount negative; its id is the refund's."""
    refunds = _refunds(refunds_raw, feed).withColumns(
        {
            "payment_id": F.col("id"),
            "kind": F.lit("refund"),
            "method": F.lit(None).cast("string"),
            "status": F.lit("refunded"),
            "paid_at": F.col("date_created_gmt"),
            "updated_at": F.lit(None).cast("string"),
        }
    )
    return as_payments(refunds, feed)


def _refunds(raw: DataFrame, feed: Feed) -> DataFrame:
    """Refunds with the number of their order, which older shops write only into the address of the order.

    The API does not say their currency; a field `currency` that was added to the file does.
    """
    read = json_document(raw, REFUND, wrapper="refund", known=REFUND_FIELDS, numbers=MONEY, is_strict=feed.is_strict)
    address = F.regexp_extract(F.get("_links.up", F.lit(0))["href"], "/orders/([0-9]+)", 1)
    order_id = F.coalesce(F.nullif("parent_id", F.lit("0")), F.nullif(address, F.lit("")))
    return read.withColumns({"order_id": order_id, "payload_hash": body_hash()})


def _returned(item: Column) -> Column:
    has_goods = ~item["quantity"].rlike(r"^-?0*(\.0+)?\z")
    return line(
        line_number=item["id"],
        kind=F.when(has_goods, "return").otherwise("adjustment"),
        line_class=F.when(has_goods, "goods").otherwise("other"),
        product_id=product_id(item),
        quantity=F.when(has_goods, negative(item["quantity"])).otherwise("1"),
        amount=negative(item["total"]),
        tax=negative(item["total_tax"]),
        attributes=described(item),
    )


def _returned_fee(fee: Column) -> Column:
    """Return a fee that is paid back; one below 0 in the order, as a rebate is, is taken back: an adjustment."""
    is_taken_back = F.col("has_minus") & ~fee["total"].startswith("-")
    amount, tax = (F.when(is_taken_back, fee[name]).otherwise(negative(fee[name])) for name in ("total", "total_tax"))
    kind, quantity = (F.when(is_taken_back, a).otherwise(b) for a, b in (("adjustment", "return"), ("1", "-1")))
    return fee_line(fee, kind, quantity, amount, tax)


def _has_minus() -> Column:
    """Whether a refund writes what it pays back with a minus."""
    has = [
        F.coalesce(F.exists(lines, lambda each: each["total"].startswith("-")), F.lit(False))
        for lines in ("line_items", "shipping_lines", "fee_lines")
    ]
    return has[0] | has[1] | has[2]


def _paid_back(lines: str, name: str) -> Column:
    """Return the sum of amounts in a refund's lines, as a number that is not below 0."""
    return F.abs(sum_of(lines, name))


def _sums() -> dict[str, Column]:
    """Return the shipping of a refund, and what it pays back beyond its lines and their taxes."""
    names = ("total", "total_tax")
    known = sum((_paid_back(each, name) for each in ("line_items", "shipping_lines") for name in names), zero())
    for name in names:
        known += F.when(F.col("has_minus"), -sum_of("fee_lines", name)).otherwise(_paid_back("fee_lines", name))
    return {
        "shipping": _paid_back("shipping_lines", "total"),
        "shipping_tax": _paid_back("shipping_lines", "total_tax"),
        "remainder": (F.abs(parse("amount")) - known).cast(UNIT),
    }
