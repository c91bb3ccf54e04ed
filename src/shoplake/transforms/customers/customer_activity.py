"""What customers do: sales and visits by customer and day, and their sums."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.distinct import count_distinct
from shoplake.declare import col
from shoplake.transforms.customers.identity import NONE
from shoplake.transforms.sales.convert_currency import count_without_rate
from shoplake.transforms.sales.sales_measures import is_cancelled

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import Column, DataFrame, WindowSpec

MEASURES = (
    col(
        "orders", "bigint", "Distinct orders with a goods sale, each on its day, without cancelled ones", unit="orders"
    ),
    col("cancelled_orders", "bigint", "Distinct cancelled orders with a goods sale", unit="orders"),
    col("units", "bigint", "Goods sold", unit="pieces"),
    col("gross", "decimal(18,4)", "Sum of the goods sales", unit="currency"),
    col("discounts", "decimal(18,4)", "Discounts, positive", unit="currency"),
    col("returns", "decimal(18,4)", "Goods returned, positive, on the day of the return", unit="currency"),
    col("net", "decimal(18,4)", "gross - discounts - returns, of what is known; null if nothing is", unit="currency"),
    col("margin", "decimal(18,4)", "Sales less discounts and cost, before returns; null if unknown", unit="currency"),
    col("lines_without_rate", "bigint", "Order lines without an exchange rate, which money leaves out", unit="lines"),
    col("sessions", "bigint", "Sessions of the person, without bots", unit="sessions"),
    col("product_views", "bigint", "Product views in these sessions", unit="events"),
    col("add_to_carts", "bigint", "Add-to-cart events in these sessions", unit="events"),
    col("first_session_at", "timestamp", "Start of the first of these sessions", unit="UTC"),
    col("first_session_date", "date", "The shop's local day of that start"),
    col("first_channel", "string", "The marketing channel of that session"),
    col("last_session_at", "timestamp", "End of the last of these sessions", unit="UTC"),
)
"""Measures that add up over days and customers, but for those of the first and the last session, which combine."""
ADDITIVE = ("orders", "cancelled_orders", "units", "lines_without_rate", "sessions", "product_views", "add_to_carts")
SALES = ("orders", "cancelled_orders", "units", "gross", "discounts", "returns", "lines_without_rate")
MARGIN = ("margin",)
VISITS = (
    *("sessions", "product_views", "add_to_carts"),
    *("first_session_at", "first_session_date", "first_channel", "last_session_at"),
)
"""The measures of sales, of margins and of sessions."""
AMOUNTS = ("gross", "discounts", "returns", "margin")
MICROS_LENGTH, SEPARATOR = 16, "\x1f"
"""Of a time as hexadecimal text that sorts as the time does, and what stands before the channel behind it."""


def sum_sales(lines: DataFrame) -> DataFrame:
    """Sum order lines, with amounts in one currency and `lacks_rate`, by feed, customer and day.

    Rows of guests have no customer. Lines that are neither goods nor discount do not count.
    """
    is_goods, counts = F.col("line_class") == "goods", ~is_cancelled()
    is_sale, is_return = is_goods & (F.col("kind") == "sale"), is_goods & (F.col("kind") == "return") & counts
    is_discount = (F.col("line_class") == "discount") & counts
    relevant = lines.where(is_sale | is_return | is_discount)
    sold = is_sale & counts
    return relevant.groupBy("feed", "customer_id", F.col("order_date").alias("activity_date")).agg(
        count_distinct(F.when(sold, F.col("order_id"))).alias("orders"),
        count_distinct(F.when(is_sale & ~counts, F.col("order_id"))).alias("cancelled_orders"),
        F.coalesce(F.sum(F.when(sold, F.col("quantity"))), F.lit(0)).cast("bigint").alias("units"),
        money.total("amount", sold, scale=money.UNIT).alias("gross"),
        (-money.total("amount", is_discount, scale=money.UNIT)).cast(money.UNIT).alias("discounts"),
        (-money.total("amount", is_return, scale=money.UNIT)).cast(money.UNIT).alias("returns"),
        count_without_rate(counts),
    )


def sum_margins(values: DataFrame) -> DataFrame:
    """Sum the margin of `gold.order_values`, in one currency, by feed, customer and day."""
    sold = values.where((F.col("kind") == "sale") & ~F.col("is_cancelled"))
    by = sold.groupBy("feed", "customer_id", F.col("order_date").alias("activity_date"))
    return by.agg(F.sum("margin").cast(money.UNIT).alias("margin"))


def sum_sessions(sessions: DataFrame, identity: DataFrame) -> DataFrame:
    """Sum the sessions of each customer by day. Sessions of bots and of unknown persons do not count.

    The first session is found by the smallest text of start, id and channel: to number the rows takes twice the time.
    """
    known = identity.where(F.col("match") != NONE).select("feed", "session_id", F.col("person_id").alias("_person"))
    people = sessions.where(~F.col("is_bot")).select(
        *("feed", "session_id", "session_date", "started_at", "ended_at", "channel", "product_views", "add_to_carts")
    )
    visits = people.join(known, on=["feed", "session_id"], how="inner")
    in_order = F.lpad(F.hex(F.unix_micros("started_at")), MICROS_LENGTH, "0")
    first = F.concat(in_order, "session_id", F.lit(SEPARATOR), "channel")
    by = visits.withColumn("_first", first).groupBy(
        "feed", F.col("_person").alias("customer_id"), F.col("session_date").alias("activity_date")
    )
    return by.agg(
        F.count("*").alias("sessions"),
        F.sum("product_views").cast("bigint").alias("product_views"),
        F.sum("add_to_carts").cast("bigint").alias("add_to_carts"),
        F.min("started_at").alias("first_session_at"),
        F.substring_index(F.min("_first"), SEPARATOR, -1).alias("first_channel"),
        F.max("ended_at").alias("last_session_at"),
    ).select(
        *("feed", "customer_id", "activity_date", "sessions", "product_views", "add_to_carts", "first_session_at"),
        F.col("activity_date").alias("first_session_date"),
        *("first_channel", "last_session_at"),
    )


def combine(*parts: tuple[DataFrame, Collection[str]]) -> DataFrame:
    """Combine sums by feed, customer and day, each with its measures, to one row with all of `MEASURES` but net.

    Counts and amounts without a row are 0, but the margin, which is null where it is unknown.
    """
    by = ("feed", "customer_id", "activity_date")
    cells = {each.name: each.type for each in MEASURES if each.name != "net"}
    aligned = [
        part.select(
            *by,
            *[(F.col(name) if name in measures else F.lit(None).cast(cells[name])).alias(name) for name in cells],
            F.lit("orders" in measures).alias("_has_sales"),
        )
        for part, measures in parts
    ]
    rows = aligned[0]
    for part in aligned[1:]:
        rows = rows.unionAll(part)
    combined = rows.groupBy(*by).agg(
        *[F.max(name).alias(name) for name in cells], F.max("_has_sales").alias("_has_sales")
    )
    amounts = {name: F.when(F.col("_has_sales"), F.col(name)).otherwise(F.lit(0)) for name in AMOUNTS[:-1]}
    return combined.select(
        *by,
        *[_default(name, amounts, zero_of=ADDITIVE).cast(cells[name]).alias(name) for name in cells],
    )


def _default(name: str, amounts: dict[str, Column], zero_of: tuple[str, ...]) -> Column:
    if name in amounts:
        return amounts[name]
    return F.coalesce(name, F.lit(0)) if name in zero_of else F.col(name)


def net() -> Column:
    """Return gross less discounts and returns, of those that are known; null where one is unknown and the rest is 0."""
    names = ("gross", "discounts", "returns")
    gross, discounts, returns = (F.coalesce(name, F.lit(0)) for name in names)
    known = (gross - discounts - returns).cast(money.UNIT)
    is_known = reduce(lambda one, other: one & other, [F.col(name).isNotNull() for name in names])
    return known_part(known, is_known).alias("net")


def sum_known(amount: str) -> Column:
    """Sum the known amounts of a group; null where `known_part` is."""
    known = F.sum(amount).cast(money.UNIT)
    return known_part(known, F.count(amount) == F.count("*")).alias(amount)


def known_part(known: Column, is_whole: Column) -> Column:
    """Return what is known of an amount; null where a part is unknown and the rest is 0, as unknown is not 0.00."""
    return F.when(is_whole | (known != 0), known)


def sum_known_net(rows: WindowSpec) -> Column:
    """Sum the known net of a window; null where `known_part` is. A row without `orders` had no activity, and 0."""
    known = F.coalesce(F.sum("net").over(rows), F.lit(0))
    unknown = F.count(F.when(F.col("net").isNull(), F.col("orders"))).over(rows)
    return known_part(known, unknown == 0)


def sum_measures() -> list[Column]:
    """Return aggregates that sum `MEASURES` but net over rows that have them.

    No two days of a customer have a first session at one time.
    """
    return [
        *[F.sum(name).cast("bigint").alias(name) for name in ADDITIVE],
        *[sum_known(name) for name in AMOUNTS[:-1]],
        F.sum("margin").cast(money.UNIT).alias("margin"),
        F.min("first_session_at").alias("first_session_at"),
        *[F.min_by(name, "first_session_at").alias(name) for name in ("first_session_date", "first_channel")],
        F.max("last_session_at").alias("last_session_at"),
    ]
