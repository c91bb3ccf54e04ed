"""The CSV of orders that Shopify's admin exports: a row an item, what is true of the order on its first row.

Format: https://help.shopify.com/en/manual/fulfillment/managing-orders/exporting-orders. The export says less than the
API: items have no numbers of their own (`line_number` counts them), products none (the SKU stands for them, else the
name), and customers neither (a hash of the e-mail address stands for them, which no customer body has). Taxes are those
of the order, on a line of class tax, unless the total shows that the prices include them. The discount is what lies
between the items and the subtotal. Refunds have no day there and stay out; the bodies of refunds have it. What was
refunded of an order until the export is the attribute `refunded` of its first item.

Rows whose first one is not in their file, as of an order that is split over two files, have the problem
`first_row_missing`: they would be an order of their own. What the first row says of the order has their sum already, as
what the subtotal has beyond the items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.attributes import attributes
from shoplake.columns.money import UNIT, amount, parse
from shoplake.columns.raw_record import RECORD, csv_record
from shoplake.columns.text_cast import cast_text
from shoplake.feeds.documents import (
    DISCOUNT,
    DUTIES,
    RECORD_FIELDS,
    SHIPPING,
    TAX,
    as_order_lines,
    as_payments,
    charge,
    line,
    lines_of,
    no_amount,
    total,
    with_problem,
    zero,
)
from shoplake.feeds.shopify.orders import order_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed

ADDRESS = ("Name", "Street", "Address1", "Address2", "Company", "City", "Zip", "Province", "Country", "Phone")
EXPORT_FIELDS = (
    *("Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing"),
    *("Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method"),
    *("Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem compare at price"),
    *("Lineitem sku", "Lineitem requires shipping", "Lineitem taxable", "Lineitem fulfillment status"),
    *(f"{of} {name}" for of in ("Billing", "Shipping") for name in (*ADDRESS, "Province Name")),
    *("Notes", "Note Attributes", "Cancelled at", "Payment Method", "Payment Reference", "Refunded Amount"),
    *("Vendor", "Outstanding Balance", "Employee", "Location", "Device ID", "Id", "Tags", "Risk Level", "Source"),
    *("Lineitem discount", *(f"Tax {n} {part}" for n in range(1, 6) for part in ("Name", "Value"))),
    *("Phone", "Receipt Number", "Duties", "Payment ID", "Payment Terms Name", "Next Payment Due At"),
    "Payment References",
)
USED = {
    **{"id": "Id", "name": "Name", "email": "Email", "created_at": "Created at", "paid_at": "Paid at"},
    **{"cancelled_at": "Cancelled at", "financial": "Financial Status", "fulfillment": "Fulfillment Status"},
    **{"currency": "Currency", "subtotal": "Subtotal", "shipping": "Shipping", "taxes": "Taxes", "total": "Total"},
    **{"duties": "Duties", "outstanding": "Outstanding Balance", "method": "Payment Method", "source": "Source"},
    **{"ship_to": "Shipping Country", "bill_to": "Billing Country", "quantity": "Lineitem quantity"},
    **{"item": "Lineitem name", "price": "Lineitem price", "sku": "Lineitem sku", "vendor": "Vendor"},
    **{"refunded": "Refunded Amount"},
}
OF_FIRST_ROW = ("financial", "currency", "subtotal", "total")
"""What the first row of an order has, and no other one."""
FIRST_ROW_MISSING = "first_row_missing"


def exported_lines(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per line of an exported order: its items, then shipping, discount, taxes and duties."""
    is_outside = F.col("_total") != F.col("_subtotal") + F.col("_shipping") + F.coalesce("_duties", zero())
    charges = (
        charge("shipping", SHIPPING, F.col("_shipping"), F.col("shipping")),
        charge("discount", DISCOUNT, (F.col("_subtotal") - F.col("_goods")).cast(UNIT), F.col("subtotal")),
        charge("tax", TAX, F.when(is_outside, F.col("_taxes")), F.col("taxes"), F.col("total")),
        charge("other", DUTIES, F.col("_duties"), F.col("duties")),
    )
    sums = {f"_{name}": parse(name) for name in ("subtotal", "shipping", "taxes", "duties", "total")}
    goods = {"_goods": total(F.transform("items", lambda row: _amount(row).cast("string")))}
    documents = (
        _orders(orders_raw, feed)
        .withColumns(sums | goods)
        .withColumns(
            {
                "lines": lines_of(F.transform("items", _goods), F.array(*charges)),
                "document_id": F.col("order_id"),
                "ordered_at": F.col("created_at"),
                "updated_at": F.lit(None).cast("string"),
                "status": order_status("cancelled_at", "financial", "fulfillment"),
                "customer_id": F.md5(F.lower("email")),
                "country": F.coalesce("ship_to", "bill_to"),
            }
        )
    )
    return as_order_lines(documents, feed)


def exported_payments(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per exported order that is paid: its total, less what is outstanding."""
    paid = parse("total") - F.coalesce(parse("outstanding"), F.lit(0))
    orders = _orders(orders_raw, feed).where(F.col("paid_at").isNotNull())
    return as_payments(
        orders.withColumns(
            {
                "payment_id": F.concat(F.lit("export-"), "order_id"),
                "kind": F.lit("payment"),
                "status": F.lit("paid"),
                "amount": F.coalesce(no_amount(F.col("total")), no_amount(F.col("outstanding")), paid.cast("string")),
                "updated_at": F.lit(None).cast("string"),
            }
        ),
        feed,
    )


def rows_by_document(read: DataFrame, document: Column, cells: Mapping[str, Column]) -> DataFrame:
    """One row per document of a file of rows: `rows`, each with `cells`, by their lines, and the one record of them.

    A row whose document is null, such as one that cannot be read, stands alone.
    """
    places = [F.col(f"{RECORD}.{name}").alias(name) for name in ("file", "batch_id", "ingested_at")]
    of_record = [F.col(f"{RECORD}.{name}").alias(name) for name in ("raw", "problem")]
    named = [cell.alias(name) for name, cell in cells.items()]
    number = F.col(f"{RECORD}.line")
    row = F.struct(number.alias("line"), *named, *of_record)
    of_row = F.coalesce(document, number.cast("string"))
    grouped = read.select("feed", *places, of_row.alias("_document"), row.alias("row"))
    documents = grouped.groupBy("feed", "file", "batch_id", "_document").agg(
        F.sort_array(F.collect_list("row")).alias("rows"),
        F.max("ingested_at").alias("ingested_at"),  # a row that was corrected in the quarantine came later
    )
    first = F.get("rows", F.lit(0))
    record = {
        "raw": F.array_join(F.transform("rows", lambda row: row["raw"]), "\n"),
        "line": first["line"],
        "problem": first["problem"],
    } | {name: F.col(name) for name in ("file", "batch_id", "ingested_at")}
    one = F.struct(*[record[name].alias(name) for name in (*RECORD_FIELDS, "problem")])
    return documents.select("feed", "rows", one.alias(RECORD))


def _orders(raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per order of a file, with its rows as `items`; a row that cannot be read stands alone."""
    read = csv_record(raw, EXPORT_FIELDS, strict=feed.is_strict)
    first = F.get("rows", F.lit(0))
    documents = rows_by_document(read, F.col("Name"), {short: F.col(f"`{name}`") for short, name in USED.items()})
    is_first_missing = F.coalesce(*[first[name] for name in OF_FIRST_ROW]).isNull()
    return with_problem(documents, FIRST_ROW_MISSING, is_first_missing).select(
        "feed",
        F.col("rows").alias("items"),
        *[first[name].alias(name) for name in USED],
        F.coalesce(first["id"], first["name"]).alias("order_id"),
        F.xxhash64(f"{RECORD}.raw").alias("payload_hash"),
        RECORD,
    )


def _goods(row: Column, place: Column) -> Column:
    return line(
        line_number=place + 1,
        kind="sale",
        line_class="goods",
        product_id=F.coalesce(row["sku"], row["item"]),
        quantity=row["quantity"],
        unit_price=row["price"],
        attributes=attributes(
            title=row["item"],
            sku=row["sku"],
            vendor=row["vendor"],
            source=F.col("source"),
            refunded=F.when((place == 0) & (cast_text(F.col("refunded"), UNIT) != 0), F.col("refunded")),
        ),
    )


def _amount(row: Column) -> Column:
    return amount(cast_text(row["quantity"], "int"), parse(row["price"]))
