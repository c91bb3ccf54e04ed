"""What WooCommerce writes alike in the lines of orders and of refunds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.attributes import attributes
from shoplake.feeds.documents import line, total

if TYPE_CHECKING:
    from pyspark.sql import Column

ITEM = (
    "array<struct<id:string,name:string,product_id:string,variation_id:string,quantity:string,subtotal:string,"
    "total:string,total_tax:string,sku:string>>"
)
CHARGES = "array<struct<id:string,name:string,total:string,total_tax:string>>"
MONEY = ("discount_total", "shipping_total", "shipping_tax", "subtotal", "total", "total_tax", "amount", "quantity")


def fee_line(fee: Column, kind: Column | str, quantity: Column | str, amount: Column, tax: Column) -> Column:
    """Return a line of class other, by the number and name of a fee."""
    return line(
        line_number=fee["id"],
        kind=kind,
        line_class="other",
        quantity=quantity,
        amount=amount,
        tax=tax,
        attributes=attributes(name=fee["name"]),
    )


def sum_of(lines: str, name: str) -> Column:
    """Return the sum of an amount of the lines in an array."""
    return total(F.transform(lines, lambda each: each[name]))


def product_id(item: Column) -> Column:
    """Return the product's number; of a product that is deleted since (0) its stock number, else its name."""
    return F.coalesce(F.nullif(item["product_id"], F.lit("0")), F.nullif(item["sku"], F.lit("")), item["name"])


def described(item: Column) -> Column:
    """Return the attributes of an item: its name, stock number and variant."""
    variant = F.nullif(item["variation_id"], F.lit("0"))
    return attributes(name=item["name"], sku=item["sku"], variant_id=variant)
