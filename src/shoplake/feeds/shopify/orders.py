"""Orders of Shopify as bodies of the Admin REST API or of webhooks: what is sold, and the refunds within."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.money import UNIT, amount, parse
from shoplake.columns.raw_record import field_names
from shoplake.columns.text_cast import cast_text
from shoplake.feeds.documents import (
    DISCOUNT,
    DUTIES,
    FEES,
    SHIPPING,
    TAX,
    TIP,
    as_order_lines,
    body_hash,
    charge,
    json_document,
    line,
    lines_of,
    total,
    unknown_sum,
    with_lines,
    with_problem,
    zero,
)
from shoplake.feeds.shopify.money import (
    AMOUNTS,
    DISCOUNTS,
    ITEM,
    MONEY_SET,
    TAXES,
    described,
    is_tip,
    line_class,
    product_id,
    shop_money,
    taxes,
)
from shoplake.feeds.shopify.refunds import REFUNDS, filter_refunded, nested_refunds, refund_documents
from shoplake.feeds.shopify.transactions import nested_transactions

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed

ADDRESS = "struct<country_code:string>"
ORDER = (
    "id string, order_id string, created_at string, processed_at string, updated_at string, cancelled_at string, "
    "test string, currency string, financial_status string, fulfillment_status string, taxes_included string, "
    "source_name string, "
    f"total_discounts string, total_discounts_set {MONEY_SET}, total_tax string, total_tax_set {MONEY_SET}, "
    f"total_tip_received string, original_total_duties_set {MONEY_SET}, duties_included string, "
    f"original_total_additional_fees_set {MONEY_SET}, customer struct<id:string>, "
    f"shipping_address {ADDRESS}, billing_address {ADDRESS}, line_items array<{ITEM}>, "
    f"shipping_lines array<struct<price:string,price_set:{MONEY_SET},is_removed:string,tax_lines:{TAXES},"
    f"discount_allocations:{DISCOUNTS}>>, refunds {REFUNDS}"
)
ORDER_FIELDS = (
    *field_names(ORDER),
    *("admin_graphql_api_id", "app_id", "browser_ip", "buyer_accepts_marketing", "cancel_reason", "cart_token"),
    *("checkout_id", "checkout_token", "client_details", "closed_at", "company", "confirmation_number", "confirmed"),
    *("contact_email", "current_subtotal_price", "current_subtotal_price_set", "current_total_additional_fees_set"),
    *("current_total_discounts", "current_total_discounts_set", "current_total_duties_set", "current_total_price"),
    *("current_total_price_set", "current_total_tax", "current_total_tax_set", "customer_locale", "device_id"),
    *("discount_applications", "discount_codes", "email", "estimated_taxes", "fulfillments"),
    *("gateway", "landing_site", "landing_site_ref", "location_id", "merchant_business_entity_id", "name", "note"),
    *("merchant_of_record_app_id", "note_attributes", "number", "order_number", "order_status_url", "phone"),
    *("payment_details", "payment_gateway_names", "payment_terms"),
    *("po_number", "presentment_currency", "processing_method", "reference", "referring_site", "source"),
    *("source_identifier", "source_url", "subtotal_price", "subtotal_price_set", "tags", "tax_exempt", "tax_lines"),
    *("token", "total_cash_rounding_payment_adjustment_set", "total_cash_rounding_refund_adjustment_set"),
    *("total_line_items_price", "total_line_items_price_set", "total_outstanding", "total_price", "total_price_set"),
    *("total_price_usd", "total_shipping_price_set", "total_weight", "user_id", "order"),
)


def ordered_lines(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per line of an order, and of each refund within it.

    A body without `line_items` is part of an order: it replaces no lines, and the refunds within it count.
    """
    orders = _orders(orders_raw, feed)
    sold = (
        with_lines(orders, "line_items")
        .withColumns(_sums())
        .withColumns(
            {
                "lines": lines_of(F.transform("line_items", _goods), F.array(*_charges())),
                "document_id": F.col("id"),
                "ordered_at": F.coalesce("processed_at", "created_at"),
                "payload_hash": body_hash(),
            }
        )
    )
    refunded = refund_documents(nested_refunds(_orders(filter_refunded(orders_raw), feed)))
    return as_order_lines(sold, feed).unionByName(as_order_lines(refunded, feed))


def refund_payments(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per transaction of the refunds within orders."""
    return nested_transactions(nested_refunds(_orders(filter_refunded(orders_raw), feed)), feed)


def order_status(cancelled_at: str, financial: str, fulfillment: str) -> Column:
    """Return the status of an order.

    Cancelled, fulfilled whole, paid whole (also where refunded since), else placed.
    """
    is_paid = F.col(financial).isin("paid", "partially_refunded", "refunded")
    return (
        F.when(F.col(cancelled_at).isNotNull(), "cancelled")
        .when(F.col(fulfillment) == "fulfilled", "fulfilled")
        .when(is_paid, "paid")
        .when(F.col(financial).isNotNull(), "placed")
    )


def _orders(raw: DataFrame, feed: Feed) -> DataFrame:
    read = json_document(*(raw, ORDER), wrapper="order", known=ORDER_FIELDS, numbers=AMOUNTS, is_strict=feed.is_strict)
    address = F.coalesce("shipping_address.country_code", "billing_address.country_code")
    is_test = F.coalesce(F.col("test") == "true", F.lit(False))
    named = {
        "order_id": F.col("id"),
        "customer_id": F.col("customer.id"),
        "country": address,
        "status": order_status("cancelled_at", "financial_status", "fulfillment_status"),
        "returned_items": F.flatten(F.transform("refunds", _returned_items)),
    }
    orders = with_problem(read, "not_an_order", F.col("order_id").isNotNull()).withColumns(named)
    return with_problem(orders, "test_order", is_test)


def _returned_items(refund: Column) -> Column:
    """Return what of which item a refund returns, an array also where it returns nothing."""
    returned = "array<struct<item:string,quantity:string>>"
    pairs = F.transform(
        refund["refund_line_items"],
        lambda each: F.struct(each["line_item_id"].alias("item"), each["quantity"].alias("quantity")),
    )
    return F.coalesce(pairs.cast(returned), F.array().cast(returned))


def _goods(item: Column) -> Column:
    """Return an item as it was sold; one that an edit of the order removed is an adjustment of 0 pieces."""
    sold = _sold(item)
    is_removed = sold == "0"
    return line(
        line_number=item["id"],
        kind=F.when(is_removed, "adjustment").otherwise("sale"),
        line_class=line_class(item),
        product_id=product_id(item),
        quantity=sold,
        unit_price=shop_money(item, "price"),
        tax=_share(taxes(item), item),
        attributes=described(item, source=F.col("source_name"), taxes_included=F.col("taxes_included")),
    )


def _sold(item: Column) -> Column:
    """Return the quantity ordered, less what edits removed: what is left of it and what the refunds returned."""
    returned = F.aggregate(
        F.filter("returned_items", lambda each: each["item"] == item["id"]),
        F.lit(0).cast("bigint"),
        lambda sum_, each: sum_ + cast_text(each["quantity"], "int").cast("bigint"),
    )
    ordered, left = (cast_text(item[name], "int") for name in ("quantity", "current_quantity"))
    edited = F.when(left + returned < ordered, (left + returned).cast("string"))
    return F.coalesce(edited, item["quantity"])


def _share(of_all: Column, item: Column) -> Column:
    """Return what an amount of the whole item is for the quantity sold, to the cent where an edit removed some of it.

    Shopify keeps the taxes and discounts of removed quantities in the item.
    """
    sold, ordered = _sold(item), item["quantity"]
    part = of_all * cast_text(sold, "int") / F.nullif(cast_text(ordered, "int"), F.lit(0))
    return F.when(sold == ordered, of_all).otherwise(F.round(part, 2).try_cast(UNIT))


def _sums() -> dict[str, Column]:
    """Return what the charges of an order are made of, as columns, because each is used more than once.

    Tips are items of the order in most bodies; what the order received beyond those is a charge.
    """
    kept = F.filter("shipping_lines", lambda each: F.coalesce(each["is_removed"] != "true", F.lit(True)))
    of_items, of_shipping, of_kept = _discounts("line_items"), _discounts("shipping_lines"), _discounts(kept)
    tips = F.transform(F.filter("line_items", is_tip), lambda item: _amount(item).cast("string"))
    duties = F.col("original_total_duties_set.shop_money.amount")
    sold = F.transform("line_items", lambda item: _share(_discount(item), item).cast("string"))
    has_lines = F.exists("line_items", lambda item: item["tax_lines"].isNotNull())
    is_outside = F.coalesce(F.col("taxes_included") != "true", F.lit(True)) & ~F.coalesce(has_lines, F.lit(False))
    return {
        "shipping": total(F.transform(kept, lambda each: shop_money(each, "price"))),
        "shipping_tax": total(F.transform(kept, lambda each: F.coalesce(taxes(each), zero()).cast("string"))),
        "allocated": total(F.concat(of_items, of_shipping)),
        "allocated_to_sold": (total(sold) + total(of_kept)).cast(UNIT),
        "discount": F.coalesce("total_discounts_set.shop_money.amount", "total_discounts"),
        "tax": F.when(is_outside, F.coalesce("total_tax_set.shop_money.amount", "total_tax")),
        "tip": F.greatest(parse("total_tip_received") - total(tips), zero()),
        "duties": F.when(F.coalesce(F.col("duties_included") != "true", F.lit(True)), duties),
        "fees": F.col("original_total_additional_fees_set.shop_money.amount"),
    }


def _charges() -> tuple[Column, ...]:
    """Shipping, discount, tip, duties and fees of an order, and its tax where the items do not say theirs.

    The discount is what is allocated to shipping that is left and to items that are sold; where nothing is allocated,
    the order's total discount.
    """
    allocated, shipping = F.col("allocated"), F.col("shipping")
    said = F.when(allocated == 0, F.col("discount"))
    discount = F.when(allocated == 0, parse(said)).otherwise(F.col("allocated_to_sold"))
    others = ((TAX, "tax", "tax"), (DUTIES, "other", "duties"), (FEES, "other", "fees"))
    return (
        charge("shipping", SHIPPING, shipping, unknown_sum(shipping), tax=F.col("shipping_tax")),
        charge("discount", DISCOUNT, -discount, said, unknown_sum(allocated)),
        charge("other", TIP, F.col("tip"), F.col("total_tip_received")),
        *(charge(line_class, number, parse(name), F.col(name)) for number, line_class, name in others),
    )


def _amount(item: Column) -> Column:
    """Return the amount of an item before discounts."""
    return amount(cast_text(_sold(item), "int"), parse(shop_money(item, "price")))


def _discounts(lines: Column | str) -> Column:
    """Return the discounts of all lines as texts; an empty array where there are none."""
    each = F.transform(lines, lambda line: _discount(line).cast("string")).cast("array<string>")
    return F.coalesce(each, F.array().cast("array<string>"))


def _discount(line: Column) -> Column:
    """Return the sum of the discounts allocated to an item or to shipping; 0 where there are none."""
    return total(F.transform(line["discount_allocations"], lambda part: shop_money(part, "amount")))
