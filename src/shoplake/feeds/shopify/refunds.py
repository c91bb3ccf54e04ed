"""Refunds of Shopify: bodies of their own, and those within the body of an order.

One refund that arrives both ways is one document: its id is the refund's, its hash is that of what it says. Within an
order it also says whether that order is cancelled, and it is as new as the order; where that has a time, its hash is
also that of the order's customer, country and currency, so that of two orders of one time the same one counts in
whatever order they arrive. A body alone has no `updated_at`, so that it never replaces the refund of an order.

Shipping that is paid back is an order adjustment of kind `shipping_refund`; since the API of 2024-10 it is listed in
`refund_shipping_lines`. A refund that has both says the same twice, and the adjustments count: they have the tax.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.money import UNIT, parse
from shoplake.columns.raw_record import RECORD
from shoplake.columns.text_cast import cast_text
from shoplake.declare.kinds.mapped_columns import leaves_null
from shoplake.feeds.documents import (
    DUTIES,
    REMAINDER,
    SHIPPING,
    as_order_lines,
    charge,
    content_hash,
    json_document,
    line,
    lines_of,
    negative,
    total,
    unknown_sum,
    with_problem,
    zero,
)
from shoplake.feeds.shopify.money import (
    AMOUNTS,
    ITEM,
    MONEY_SET,
    TAXES,
    described,
    line_class,
    product_id,
    shop_money,
    taxes,
)
from shoplake.feeds.shopify.transactions import TRANSACTIONS, nested_transactions

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed

SHIPPING_LINE = f"struct<price:string,price_set:{MONEY_SET},discounted_price_set:{MONEY_SET},tax_lines:{TAXES}>"
PARTS = {
    **dict.fromkeys(("id", "order_id", "created_at", "processed_at"), "string"),
    "refund_line_items": (
        f"array<struct<id:string,line_item_id:string,quantity:string,subtotal:string,subtotal_set:{MONEY_SET},"
        f"total_tax:string,total_tax_set:{MONEY_SET},line_item:{ITEM}>>"
    ),
    "order_adjustments": (
        f"array<struct<kind:string,amount:string,amount_set:{MONEY_SET},tax_amount:string,tax_amount_set:{MONEY_SET}>>"
    ),
    "refund_shipping_lines": (
        f"array<struct<subtotal_amount_set:{MONEY_SET},tax_amount_set:{MONEY_SET},shipping_line:{SHIPPING_LINE}>>"
    ),
    "total_duties_set": MONEY_SET,
    "duties": f"array<struct<amount_set:{MONEY_SET}>>",
    "transactions": TRANSACTIONS,
}
REFUND = ", ".join(f"{name} {type}" for name, type in PARTS.items())
REFUNDS = f"array<struct<{','.join(f'{name}:{type}' for name, type in PARTS.items())}>>"
OF_ORDER = ("customer_id", "country", "currency")
"""What an order says of the refunds within it."""
SHIPPING_REFUND = "shipping_refund"
HAS_REFUNDS = r"""refunds["']?\s*:\s*\[\s*[^\]\s]|\\u00[67]"""
"""An array `refunds` that is not empty; the field's name may be written with escapes."""
REFUND_FIELDS = (
    *PARTS,
    *("note", "restock", "user_id", "refund_duties", "additional_fees", "return", "admin_graphql_api_id", "refund"),
)


@leaves_null("price_source", "source_file")
def returned_lines(refunds_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per line of a refund, with its quantity negative, on the day of the refund."""
    nothing = F.lit(None).cast("string")
    unknown = dict.fromkeys(("status", "customer_id", "country", "currency", "updated_at"), nothing)
    refunds = _refunds(refunds_raw, feed).withColumns(unknown)
    return as_order_lines(refund_documents(refunds), feed)


@leaves_null("source_file")
def repayments(refunds_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per transaction of a refund."""
    return nested_transactions(_refunds(refunds_raw, feed), feed)


def filter_refunded(orders_raw: DataFrame) -> DataFrame:
    """Return the records of orders that can have refunds within, and maybe some that have none.

    Most have none, and to parse an order takes ten times as long as to search its text.
    """
    return orders_raw.where(F.col("raw").rlike(HAS_REFUNDS))


def nested_refunds(orders: DataFrame) -> DataFrame:
    """Return the refunds within orders.

    `orders` have `order_id`, what `as_order_lines` needs, and an array `refunds`.
    """
    of_order = ("feed", RECORD, "order_id", "status", "updated_at", *OF_ORDER)
    cells = [F.col(f"each.{name}").alias(name) for name in PARTS if name != "order_id"]
    each = orders.withColumn("each", F.explode("refunds")).select(*of_order, *cells)
    return each.withColumn("status", F.when(F.col("status") == "cancelled", "cancelled"))


def refund_documents(refunds: DataFrame) -> DataFrame:
    """Refunds as documents: goods, shipping, duties, and what differs between the money and the goods."""
    shipping, duties, difference = F.col("shipping"), F.col("repaid_duties"), F.col("difference")
    unknown = unknown_sum(difference)
    charges = (
        charge("shipping", SHIPPING, shipping, unknown_sum(shipping), kind="return", tax=F.col("shipping_tax")),
        charge("other", DUTIES, duties, unknown_sum(duties), kind="return"),
        charge("other", REMAINDER, difference, unknown, kind="adjustment", tax=F.col("difference_tax")),
    )
    output = F.transform(
        "refund_line_items", lambda each: F.concat_ws(",", each["id"], each["quantity"], shop_money(each, "subtotal"))
    )
    sums = _sums()
    said: list[Column | str] = ["id", "order_id", "created_at", "status", F.array_join(output, ";"), *sums]
    of_order = [F.when(F.col("updated_at").isNotNull(), F.col(name)) for name in OF_ORDER]
    return refunds.withColumns(sums).withColumns(
        {
            "lines": lines_of(F.transform("refund_line_items", _returned), F.array(*charges)),
            "document_id": F.col("id"),
            "ordered_at": F.coalesce("processed_at", "created_at"),
            "payload_hash": content_hash(*said, *of_order),
        }
    )


def _refunds(raw: DataFrame, feed: Feed) -> DataFrame:
    read = json_document(
        *(raw, REFUND), wrapper="refund", known=REFUND_FIELDS, numbers=AMOUNTS, is_strict=feed.is_strict
    )
    is_test = F.exists("transactions", lambda transaction: transaction["test"] == "true")
    return with_problem(read, "test_order", F.coalesce(is_test, F.lit(False)))


def _returned(each: Column) -> Column:
    """Return a returned item at the price paid for it; where the refund does not say that, at its list price."""
    item = each["line_item"]
    subtotal, tax = shop_money(each, "subtotal"), shop_money(each, "total_tax")
    returned, bought = cast_text(each["quantity"], "int"), cast_text(item["quantity"], "int")
    own_tax = (-taxes(item) * returned / F.nullif(bought, F.lit(0))).try_cast(UNIT).cast("string")
    return line(
        line_number=each["id"],
        kind="return",
        line_class=line_class(item),
        product_id=product_id(item),
        quantity=negative(each["quantity"]),
        unit_price=F.when(subtotal.isNull(), shop_money(item, "price")),
        amount=negative(subtotal),
        tax=F.coalesce(negative(tax), own_tax),
        attributes=described(item, line_item_id=each["line_item_id"]),
    )


def _sums() -> dict[str, Column]:
    """Return what the charges of a refund are made of, as columns, because each is used more than once.

    All are below 0 where money goes back.
    """
    in_adjustments = F.exists("order_adjustments", lambda each: each["kind"] == SHIPPING_REFUND)
    is_listed = ~F.coalesce(in_adjustments, F.lit(False))
    amounts, taxes_ = (
        F.transform("refund_shipping_lines", cell)
        for cell in (lambda each: each["subtotal_amount_set"]["shop_money"]["amount"], _shipping_tax)
    )
    duties = F.transform("duties", lambda each: each["amount_set"]["shop_money"]["amount"])
    repaid = F.coalesce(F.abs(parse("total_duties_set.shop_money.amount")), F.abs(total(duties)))
    return {
        "shipping": F.when(is_listed, -F.abs(total(amounts))).otherwise(_adjusted("amount")),
        "shipping_tax": F.when(is_listed, -F.abs(total(taxes_))).otherwise(_adjusted("tax_amount")),
        "repaid_duties": -repaid,
        "difference": _adjusted("amount", is_shipping=False),
        "difference_tax": _adjusted("tax_amount", is_shipping=False),
    }


def _shipping_tax(each: Column) -> Column:
    """Return the tax of shipping that is paid back: what the refund says, else a share of the shipping line's."""
    line_ = each["shipping_line"]
    paid = parse(F.coalesce(line_["discounted_price_set"]["shop_money"]["amount"], shop_money(line_, "price")))
    share = parse(each["subtotal_amount_set"]["shop_money"]["amount"]) / F.nullif(paid, zero())
    own = F.round(taxes(line_) * share, 2).try_cast(UNIT)
    return F.coalesce(each["tax_amount_set"]["shop_money"]["amount"], own.cast("string"), F.lit("0"))


def _adjusted(name: str, *, is_shipping: bool = True) -> Column:
    """Return the sum of a refund's adjustments, of shipping or of everything else."""
    of_kind = F.filter(
        "order_adjustments",
        lambda each: (F.coalesce(each["kind"], F.lit("")) == SHIPPING_REFUND) == F.lit(is_shipping),
    )
    return total(F.transform(of_kind, lambda each: shop_money(each, name)))
