from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Feeds, RebuildKeys, Replace, col, table
from shoplake.transforms.asof_join import asof_join
from shoplake.transforms.first_rows import first_rows
from shoplake.transforms.sales.allocate import allocate
from shoplake.transforms.sales.changed_orders import BY_PRODUCT, BY_RATE, ORDER
from shoplake.transforms.sales.convert_currency import feed_currency, line_currency
from shoplake.transforms.sales.match_returns import (
    RETURNS,
    match_returns,
    return_of_line,
    total_returned,
    with_currency_key,
)
from shoplake.transforms.sales.sales_measures import cancel_refunds, is_cancelled
from shoplake.transforms.sales.sales_ties import value_ties

DOCUMENT_DAY = ("feed", "order_id", "document_id", "_currency", "order_date")
LINE = (
    *("feed", "order_id", "document_id", "line_number", "kind", "order_date", "ordered_at", "currency"),
    *("customer_id", "product_id", "country", "status", "quantity", "unit_price", "amount", "tax"),
)
BEFORE_LOOKUPS = (*LINE, "discount", "returns")
RATED = ("feed", "_foreign")
BY_ORDER = RebuildKeys(
    ORDER,
    dict.fromkeys(("order_lines", "cancelled_order_refunds", "first_orders", "purchases"), ORDER),
    {"products": BY_PRODUCT, "exchange_rate_periods": BY_RATE},
)
NONE = "(none)"
"""Channel and device of an order without a purchase event."""


@table(
    "gold",
    key=["feed", "order_id", "document_id", "line_number", "kind"],
    write=Replace(partition_by="order_date", compare_partitions=True, rebuild_keys=BY_ORDER),
    partition_by=["order_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("order_id", "string", "The order, or the number of a return invoice"),
        col("document_id", "string", "The document of the line"),
        col("line_number", "bigint", "Line number in the document"),
        col("kind", "string", "sale; return or discount where it belongs to no sold line"),
        col("order_date", "date", "The shop's local day of the order; of a return or discount its own day"),
        col("ordered_at", "timestamp", "Time of the document", unit="UTC"),
        col("currency", "string", "ISO 4217 code of the line, or else of the feed; null if neither has one"),
        col("customer_id", "string", "The customer; null for a guest"),
        col("product_id", "string", "The product; null for a discount"),
        col("category", "string", "The product's category at that time; null if unknown"),
        col("top_category", "string", "The root of that category, or else its parent, or itself"),
        col("country", "string", "Country of delivery; null if unknown"),
        col("channel", "string", "Marketing channel of the session of its purchase event; (none) without an event"),
        col("device", "string", "Device of its purchase event; (none) without an event"),
        col("status", "string", "Status of the document: placed, paid, fulfilled, cancelled; null if unknown"),
        col("is_cancelled", "boolean", "Whether the document is cancelled, so that the line is no sale"),
        col("quantity", "int", "Pieces sold; 0 unless kind is sale", unit="pieces"),
        col("unit_price", "decimal(18,4)", "The price paid; null if unknown", unit="currency per piece"),
        col("gross", "decimal(18,4)", "quantity × unit_price as sent; null if unknown", unit="currency"),
        col("discount", "decimal(18,4)", "The line's part of the document's discounts, positive", unit="currency"),
        col("net", "decimal(18,4)", "gross - discount", unit="currency"),
        col("tax", "decimal(18,4)", "Tax on the line, as sent; null if unknown", unit="currency"),
        col("returned_quantity", "int", "Pieces returned, on whatever day", unit="pieces"),
        col("returned_net", "decimal(18,4)", "Worth of the returned pieces, positive", unit="currency"),
        col("returns", RETURNS, "The returns of the line, each with its own day; quantity and money are positive"),
        col(
            "unit_cost", "decimal(18,4)", "The product's cost at that time; null if unknown", unit="currency per piece"
        ),
        col("cost", "decimal(18,4)", "quantity × unit_cost", unit="currency"),
        col("margin", "decimal(18,4)", "net - cost, before returns; null where one is unknown", unit="currency"),
        col("is_first_order", "boolean", "Whether it is the customer's first order in the feed; null for a guest"),
        col("sales_dates", "array<date>", "The days on which it counts: its own and those of its returns, each once"),
    ],
    ties=value_ties(),
)
def order_values(
    order_lines: DataFrame,
    cancelled_order_refunds: DataFrame,
    first_orders: DataFrame,
    purchases: DataFrame,
    products: DataFrame,
    categories: DataFrame,
    exchange_rate_periods: DataFrame,
    *,
    feeds: Feeds,
) -> DataFrame:
    """One row per line of goods of an order, and per return or discount that belongs to no sold line.

    Gross, discounts and returns over all rows are those of `silver.order_lines`: every sales table is a sum over this
    one, without the sales that are cancelled. A document's discounts are allocated over its goods of the same day, in
    proportion to the amounts, by the largest remainder in the smallest unit of the currency; ties go to the lower line
    number. A return belongs to the line of its order with the same product (and line number, if several have the
    product), keeps its own day, and leaves gross and net of the order as they are. Many shop reports instead date a
    return to the day of the order, or split a discount by quantity. A return of a cancelled order is none.

    Category and cost are those of the product version of the order's time. Money is in the order's own currency; the
    cost is converted to it at the latest rate on or before the day, and unknown without one.

    The first order is the earliest of a customer in the feed by time, then by order id, without cancelled ones. Guests
    have none. Adjustments of goods, such as write-offs, are no sales and left out.
    """
    known = cancel_refunds(order_lines, cancelled_order_refunds)
    lines = known.withColumn("currency", line_currency(feeds)).select(*LINE, "line_class")
    is_goods = F.col("line_class") == "goods"
    is_sale = is_goods & (F.col("kind") == "sale")
    sales, discounts = _allocate_discounts(lines.where(is_sale | _is_discount()))
    returned = lines.where(is_goods & (F.col("kind") == "return") & ~is_cancelled()).select(*LINE)
    sold, unmatched = match_returns(sales, returned, lines.where(is_sale))
    rows = sold.select(*BEFORE_LOOKUPS).unionAll(_unmatched_returns(unmatched)).unionAll(discounts)
    with_product = _add_product(rows, products, categories)
    with_cost = _convert_cost(with_product, exchange_rate_periods, feeds)
    with_channel = with_cost.join(_order_channels(purchases), on=["feed", "order_id"], how="left")
    firsts = first_orders.select("feed", "customer_id", F.col("order_id").alias("_first_order_id"))
    return _select(with_channel.join(firsts, on=["feed", "customer_id"], how="left"))


def _is_discount() -> Column:
    return F.col("line_class") == "discount"


def _allocate_discounts(lines: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Return the goods with their `discount`, and the discounts of days without goods as rows of their own.

    Only narrow rows of the documents that have a discount are sorted: the embedded engine holds all that a window sees
    at once.
    """
    keyed = with_currency_key(lines)
    goods, discounts = keyed.where(~_is_discount()), keyed.where(_is_discount())
    totals = discounts.groupBy(*DOCUMENT_DAY).agg(F.sum(-F.col("amount")).cast(money.UNIT).alias("_discount"))
    gross = F.abs(F.coalesce("amount", F.lit(0))).cast(money.UNIT).alias("_gross")
    narrow = goods.select(*DOCUMENT_DAY, "line_number", "currency", gross)
    discounted = totals.join(narrow, on=list(DOCUMENT_DAY), how="inner")
    step = money.minor_unit("currency")
    parts = allocate(
        discounted, DOCUMENT_DAY, total="_discount", weight="_gross", step=step, order_by="line_number", into="discount"
    )
    line = [*DOCUMENT_DAY, "line_number"]
    joined = parts.select(*line, "discount").join(goods, on=line, how="right")
    sales = joined.withColumn("discount", F.coalesce("discount", F.lit(0)).cast(money.UNIT))
    others = discounts.join(goods.select(*DOCUMENT_DAY), on=list(DOCUMENT_DAY), how="left_anti")
    cells: dict[str, Column] = {
        "kind": F.lit("discount"),
        "quantity": F.lit(0),
        "unit_price": F.lit(None),
        "amount": F.lit(0),
        "discount": -F.col("amount"),
        "returns": F.array(),
    }
    return sales, _with_cells(others, cells)


def _unmatched_returns(returns: DataFrame) -> DataFrame:
    cells: dict[str, Column] = {
        "quantity": F.lit(0),
        "amount": F.lit(0),
        "tax": F.lit(None),
        "discount": F.lit(0),
        "returns": F.array(return_of_line()),
    }
    return _with_cells(returns, cells)


def _with_cells(rows: DataFrame, cells: dict[str, Column]) -> DataFrame:
    """Return the columns of a row before its lookups, some of them replaced."""
    types = {"quantity": "int", "returns": RETURNS, "kind": "string"}
    output = [
        cells[name].cast(types.get(name, money.UNIT)).alias(name) if name in cells else F.col(name)
        for name in BEFORE_LOOKUPS
    ]
    return rows.select(*output)


def _add_product(rows: DataFrame, products: DataFrame, categories: DataFrame) -> DataFrame:
    """Add category, top category and cost of the product version of each row's time."""
    roots = categories.select("feed", F.col("category_id").alias("category"), "root_id")
    versions = products.join(F.broadcast(roots), on=["feed", "category"], how="left").select(
        "feed",
        "product_id",
        "valid_from",
        "valid_to",
        "category",
        F.coalesce("root_id", "parent_category", "category").alias("top_category"),
        F.col("cost").alias("unit_cost"),
    )
    return asof_join(rows, versions, ["feed", "product_id"], "ordered_at", ("category", "top_category", "unit_cost"))


def _convert_cost(rows: DataFrame, periods: DataFrame, feeds: Feeds) -> DataFrame:
    """Convert `unit_cost` from the currency of the feed to that of the row; null without a rate."""
    is_foreign = ~F.col("currency").eqNullSafe(feed_currency(feeds))
    rates = periods.select(
        "feed",
        F.col("currency").alias("_foreign"),
        F.col("first_date").alias("valid_from"),
        F.date_add("last_date", 1).alias("valid_to"),
        F.col("rate").alias("_rate"),
    )
    marked = rows.withColumn("_foreign", F.when(is_foreign, F.col("currency")))
    rated = asof_join(marked, rates, RATED, "order_date", ["_rate"])
    converted = (F.col("unit_cost") / F.nullif("_rate", F.lit(0))).try_cast(money.UNIT)
    unit_cost = F.when(F.col("_foreign").isNull(), F.col("unit_cost")).otherwise(converted)
    return rated.withColumn("unit_cost", unit_cost.cast(money.UNIT))


def _order_channels(purchases: DataFrame) -> DataFrame:
    """Return channel and device of each order's first purchase event."""
    events = purchases.where(F.col("order_id").isNotNull())
    first = first_rows(events, ["feed", "order_id"], ["event_at", "event_id"])
    return first.select("feed", "order_id", "channel", "device", F.lit(True).alias("_has_event"))


def _select(rows: DataFrame) -> DataFrame:
    net = (F.col("amount") - F.col("discount")).cast(money.UNIT)
    cost = F.when(F.col("quantity") == 0, F.lit(0)).otherwise(money.amount("quantity", "unit_cost")).cast(money.UNIT)
    is_sale, returned_on = F.col("kind") == "sale", F.transform("returns", lambda each: each["return_date"])
    is_first = is_sale & ~is_cancelled() & F.coalesce(F.col("order_id") == F.col("_first_order_id"), F.lit(False))
    return rows.select(
        *("feed", "order_id", "document_id", "line_number", "kind", "order_date", "ordered_at", "currency"),
        *("customer_id", "product_id", "category", "top_category", "country"),
        F.coalesce("channel", F.lit(NONE)).alias("channel"),
        F.when(F.col("_has_event"), F.col("device")).otherwise(F.lit(NONE)).alias("device"),
        "status",
        is_cancelled().alias("is_cancelled"),
        "quantity",
        "unit_price",
        F.col("amount").alias("gross"),
        "discount",
        net.alias("net"),
        "tax",
        total_returned("quantity", "int").alias("returned_quantity"),
        total_returned("amount", money.UNIT).alias("returned_net"),
        "returns",
        "unit_cost",
        cost.alias("cost"),
        (net - cost).cast(money.UNIT).alias("margin"),
        F.when(F.col("customer_id").isNotNull(), is_first).alias("is_first_order"),
        F.array_sort(F.array_distinct(F.concat(F.array("order_date"), returned_on))).alias("sales_dates"),
    )
