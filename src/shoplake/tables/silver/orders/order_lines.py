from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns.attributes import ATTRIBUTES
from shoplake.columns.raw_record import LINEAGE_COLUMNS, VERSION_COLUMNS, with_version
from shoplake.declare import (
    Feeds,
    ReplaceDocuments,
    all_digits,
    col,
    currency_code,
    expect,
    one_of,
    plausible_time,
    table,
    warn,
)
from shoplake.declare.currency import WITH_THREE_DIGITS
from shoplake.feeds.conform import conform
from shoplake.feeds.orders_from_events import LIST_PRICE
from shoplake.transforms.asof_join import asof_join
from shoplake.transforms.sales.sales_ties import currency_tie

COLUMNS = (
    col("feed", "string", "The feed", required=True),
    col("order_id", "string", "The order, or the number of a return invoice", required=True),
    col("document_id", "string", "The document: order, invoice, refund or purchase event", required=True),
    col(
        "line_number",
        "bigint",
        "Line number in the document; -1 for shipping, -2 for a discount on the order",
        required=True,
    ),
    col("kind", "string", "sale, return, adjustment", required=True),
    col("line_class", "string", "goods, shipping, discount, tax, other", required=True),
    col("status", "string", "Status of the document: placed, paid, fulfilled, cancelled; null if unknown"),
    col("ordered_at", "timestamp", "Time of the order or return", unit="UTC", required=True),
    col("order_date", "date", "The shop's local day of `ordered_at`"),
    col("updated_at", "timestamp", "When the document last changed; null if unknown", unit="UTC"),
    col("customer_id", "string", "The customer; null for a guest"),
    col("product_id", "string", "The product"),
    col("country", "string", "Country of delivery"),
    col("quantity", "int", "Quantity; negative in returns", unit="pieces", required=True),
    col("unit_price", "decimal(18,4)", "The price paid; null if unknown", unit="currency per piece"),
    col("amount", "decimal(18,4)", "quantity × unit_price; negative in returns and discounts", unit="currency"),
    col("tax", "decimal(18,4)", "Tax on the line, as sent; negative in returns; null if unknown", unit="currency"),
    col("currency", "string", "ISO 4217 code"),
    col("price_source", "string", "Source of the price: order, event or history (the product's price at that time)"),
    ATTRIBUTES,
    *VERSION_COLUMNS,
    *LINEAGE_COLUMNS,
)

NOT_NEGATIVE = "unit_price IS NULL OR unit_price >= 0 OR kind = 'adjustment' OR price_source = 'history'"
"""A missing price breaks `unit_price_present` alone."""
OF_THREE_DIGITS = ", ".join(f"'{code}'" for code in sorted(WITH_THREE_DIGITS))
TWO_DECIMALS = (
    f"amount IS NULL OR amount = CAST(amount AS decimal(18,2)) OR NOT coalesce(currency IN ({OF_THREE_DIGITS}), false)"
)
"""Sums in gold round what is smaller; of other currencies that is less than their smallest coin."""
DOCUMENT = all_digits("document_id")
"""Of a document that is an order, the rule of the order says it."""


@table(
    "silver",
    key=["feed", "order_id", "document_id", "line_number", "kind"],
    write=ReplaceDocuments(("order_id", "document_id"), input_partitions={"events": "event_date"}),
    partition_by=["order_date"],
    incremental=["orders_raw", "refunds_raw"],
    columns=COLUMNS,
    expectations=[
        expect("unit_price_present", "unit_price IS NOT NULL OR price_source = 'history'"),
        plausible_time("ordered_at"),
        plausible_time("updated_at"),
        one_of("kind", "sale", "return", "adjustment"),
        expect("status_known", "status IS NULL OR status IN ('placed', 'paid', 'fulfilled', 'cancelled')"),
        expect("product_id_present", "product_id IS NOT NULL OR line_class <> 'goods'"),
        *map(all_digits, ("order_id", "customer_id", "product_id")),
        expect(DOCUMENT.name, f"document_id = order_id OR {DOCUMENT.condition}"),
        expect(
            "quantity_fits_kind",
            "quantity IS NULL OR CASE kind WHEN 'sale' THEN quantity > 0 WHEN 'return' THEN quantity < 0 ELSE true END",
        ),
        expect("unit_price_not_negative", NOT_NEGATIVE),
        expect("amount_below_ten_billion", "amount IS NOT NULL OR quantity IS NULL OR unit_price IS NULL"),
        warn("price_known", "unit_price IS NOT NULL"),
        currency_code(),
        warn("amount_has_two_decimals", TWO_DECIMALS),
    ],
    ties=[currency_tie()],
)
def order_lines(
    orders_raw: DataFrame, refunds_raw: DataFrame, events: DataFrame, products: DataFrame, *, feeds: Feeds
) -> DataFrame:
    """One row per line of an order or return: goods, shipping, discount or other.

    A feed without orders gets its lines from purchase events, at the price of the event or else of the product at that
    time. A line of a product without a price yet has no price until the price arrives. A document that is sent again
    replaces all of its lines; a cancelled order keeps them, with that status.
    """
    prices = products.select("feed", "product_id", "valid_from", "valid_to", F.col("price").alias(LIST_PRICE))
    bought = events.where(F.col("event_name") == "purchase")
    purchases = asof_join(bought, prices, ["feed", "product_id"], "event_at", [LIST_PRICE])
    lines = conform("order_lines", COLUMNS, feeds, orders_raw=orders_raw, refunds_raw=refunds_raw, events=purchases)
    return with_version(lines).withColumn("price_source", F.coalesce("price_source", F.lit("order")))
