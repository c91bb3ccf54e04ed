"""What Shopify writes alike wherever an item is sold or returned: its money, taxes, class and description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.attributes import attributes
from shoplake.feeds.documents import total

if TYPE_CHECKING:
    from pyspark.sql import Column

MONEY_SET = "struct<shop_money:struct<amount:string>>"
TAXES = f"array<struct<price:string,price_set:{MONEY_SET}>>"
DISCOUNTS = f"array<struct<amount:string,amount_set:{MONEY_SET}>>"
ITEM = (
    "struct<id:string,product_id:string,variant_id:string,variant_title:string,title:string,sku:string,vendor:string,"
    f"gift_card:string,quantity:string,current_quantity:string,price:string,price_set:{MONEY_SET},tax_lines:{TAXES},"
    f"discount_allocations:{DISCOUNTS},tip_payment_gateway:string,tip_payment_method:string>"
)
AMOUNTS = (
    *("price", "amount", "subtotal", "total_tax", "tax_amount", "total_discounts", "total_tip_received", "quantity"),
    "current_quantity",
)
"""Fields that are read with all their digits where they are written as numbers."""


def shop_money(owner: Column, name: str) -> Column:
    """Return an amount as text in the shop's currency, also where the customer paid in another (presentment money)."""
    return F.coalesce(owner[f"{name}_set"]["shop_money"]["amount"], owner[name])


def taxes(owner: Column) -> Column:
    """Return the sum of an item's tax lines; null if it has no list of them."""
    lines = owner["tax_lines"]
    return F.when(lines.isNotNull(), total(F.transform(lines, lambda tax: shop_money(tax, "price"))))


def line_class(item: Column) -> Column:
    """Return the class of an item; a gift card is money paid in advance, and a tip is given: they are no goods."""
    return F.when((item["gift_card"] == "true") | is_tip(item), "other").otherwise("goods")


def is_tip(item: Column) -> Column:
    """Whether an item is a tip: only tips say how they were paid, and without that they are custom items named Tip."""
    is_custom = item["product_id"].isNull() & item["variant_id"].isNull()
    says_how = F.coalesce(item["tip_payment_gateway"], item["tip_payment_method"]).isNotNull()
    return says_how | F.coalesce(is_custom & (item["title"] == "Tip"), F.lit(False))


def product_id(item: Column) -> Column:
    """Return the product's number; of a custom item its stock number, else its title."""
    return F.coalesce(item["product_id"], F.nullif(item["sku"], F.lit("")), item["title"])


def described(item: Column, **others: Column) -> Column:
    """Return the attributes of an item, and others."""
    return attributes(
        title=item["title"],
        variant_id=item["variant_id"],
        variant=item["variant_title"],
        sku=item["sku"],
        vendor=item["vendor"],
        **others,
    )
