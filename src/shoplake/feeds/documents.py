"""Records that are whole documents: an order, a refund or a message with everything it consists of.

A document names the lines it consists of in an array of `LINES`, as text. `as_order_lines` explodes them, and casts
what they say; what does not fit its type is a type error of the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.attributes import MAP
from shoplake.columns.raw_record import (
    RECORD,
    json_record,
    null_if_empty,
    parsed,
    type_errors,
    with_parsed,
)
from shoplake.columns.time import local_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed

LINE = ("line_number", "kind", "line_class", "product_id", "quantity", "unit_price", "amount", "tax")
LINE_TYPE = f"struct<{','.join(f'{name}:string' for name in LINE)},attributes:{MAP}>"
"""Every line is cast to it, as Sail puts only values of the very same type into one array."""
LINES = f"array<{LINE_TYPE}>"
LINE_TYPES = {
    **dict.fromkeys(("ordered_at", "updated_at"), "timestamp"),
    **dict.fromkeys(("unit_price", "amount", "tax"), money.UNIT),
    "line_number": "bigint",
    "quantity": "int",
}
"""The types of a line's texts; of a payment's are `PAYMENT_TYPES`."""
PAYMENT_TYPES = {"paid_at": "timestamp", "updated_at": "timestamp", "amount": money.SUM}
SHIPPING, DISCOUNT, TAX, TIP, DUTIES, REMAINDER, FEES = -1, -2, -3, -4, -5, -6, -7
"""The numbers of the lines that belong to a document as a whole."""
LINES_MISSING = "lines_missing"
"""The problem of a record that is only part of a document, without its lines."""
BODY = "_body"
"""The text of the object that is a document, without what is around it in its record."""
RECORD_FIELDS = ("raw", "file", "line", "batch_id", "ingested_at")


def json_document(
    raw: DataFrame,
    fields: str,
    *,
    wrapper: str,
    known: Sequence[str],
    numbers: Sequence[str] = (),
    is_strict: bool = False,
) -> DataFrame:
    """Return the fields of JSON objects as text, each alone or as the only value of an object, as in `{"order": {…}}`.

    The text of the inner object is the column `BODY`. Where `is_strict`, an object with a field that is not `known` has
    the problem `unknown_fields`.
    """
    inner = F.regexp_extract("raw", rf'(?s)^\s*\{{\s*"{wrapper}"\s*:\s*(\{{.*\}})\s*\}}\s*\z', 1)
    is_wrapped = (F.length(inner) > 0) & (F.size(F.expr("json_object_keys(raw)")) == 1)
    bodies = raw.withColumn(BODY, F.when(is_wrapped, inner).otherwise(F.col("raw")))
    records = json_record(bodies, fields, numbers=numbers, body=BODY)
    if not is_strict:
        return records
    names = F.expr(f"json_object_keys({BODY})").cast("array<string>")
    others = F.array_except(names, F.array(*map(F.lit, known)).cast("array<string>"))
    return with_problem(records, "unknown_fields", F.size(others) > 0)


def with_problem(records: DataFrame, problem: str, condition: Column) -> DataFrame:
    """Return records that cannot be used where the `condition` is true; one that has a problem already keeps that."""
    named = F.coalesce(f"{RECORD}.problem", F.when(condition, F.lit(problem))).alias("problem")
    return records.withColumn(
        RECORD, F.struct(*[F.col(f"{RECORD}.{name}").alias(name) for name in RECORD_FIELDS], named)
    )


def with_lines(records: DataFrame, items: str) -> DataFrame:
    """Return records; those that do not have the array `items` have the problem `lines_missing`.

    They are parts of documents, such as a page of the API with chosen fields: what they do not have is not removed.
    """
    return with_problem(records, LINES_MISSING, F.col(items).isNull())


def line(attributes: Column | None = None, **cells: Column | str | int | None) -> Column:
    """One line of a document: columns or constants by the names in `LINE`; null where not given."""
    texts = [_cell(cells.get(name)).cast("string").alias(name) for name in LINE]
    others = F.create_map() if attributes is None else attributes
    return F.struct(*texts, others.cast(MAP).alias("attributes")).cast(LINE_TYPE)


def nothing() -> Column:
    """Return the line of a document without lines: an adjustment of 0, which replaces the lines of older versions."""
    return line(line_number=0, kind="adjustment", line_class="other", quantity=0, unit_price=0)


def charge(
    line_class: str,
    number: int,
    amount: Column,
    *others: Column,
    kind: str = "sale",
    tax: Column | None = None,
) -> Column:
    """Return a line of a document as a whole, such as its shipping; null where the amount is 0 or missing.

    An amount below 0 is an adjustment, unless the line is part of a return. `others` are the texts that the amount is
    made of: where one is no amount, the line says it instead, which is a type error.
    """
    quantity = -1 if kind == "return" else 1
    kinds = F.lit(kind) if kind == "return" else F.when(amount < 0, "adjustment").otherwise(kind)
    wrong = F.coalesce(*map(no_amount, others), F.lit(None).cast("string"))
    said = F.coalesce(wrong, amount.cast("string"))
    made = line(line_number=number, kind=kinds, line_class=line_class, quantity=quantity, amount=said, tax=tax)
    return F.when(wrong.isNotNull() | (amount != 0), made)


def no_amount(text: Column) -> Column:
    """Return a text that is no amount; null where it is one, empty or missing."""
    return F.when((F.trim(text) != "") & money.parse(text).isNull(), text)


def unknown_sum(sum_: Column) -> Column:
    """Return a text that is no amount where a `total` is null, as one of its texts is none."""
    return F.when(sum_.isNull(), F.lit("unknown"))


def lines_of(*parts: Column) -> Column:
    """Return the lines in arrays of lines; neither null arrays nor null lines count."""
    cast = [F.coalesce(part.cast(LINES), F.array().cast(LINES)) for part in parts]
    return F.array_compact(F.concat(*cast))


def total(texts: Column | str) -> Column:
    """Return the sum of the texts in an array: 0 if it is empty or missing, null if one of them is no number."""
    values = (F.col(texts) if isinstance(texts, str) else texts).cast("array<string>")
    there = F.coalesce(values, F.array().cast("array<string>"))
    return F.aggregate(there, zero(), lambda sum_, text: (sum_ + money.parse(text)).cast(money.UNIT))


def negative(text: Column) -> Column:
    """Return a number below 0 as text, whether or not it is written with a minus; what is no number stays none."""
    return F.concat(F.lit("-"), F.regexp_replace(text, "^-", ""))


def zero() -> Column:
    """No money."""
    return F.lit(0).cast(money.UNIT)


def body_hash() -> Column:
    """`payload_hash` of the object of `json_document`: equal for the same object alone and in an envelope."""
    return F.xxhash64(BODY).alias("payload_hash")


def content_hash(*texts: Column | str) -> Column:
    """`payload_hash` of what a document says: equal for the same document in two envelopes.

    Joined as an array, because Sail's hash fails on a coalesced column that is null in all rows.
    """
    cells = [(F.col(text) if isinstance(text, str) else text).cast("string") for text in texts]
    return F.xxhash64(F.array_join(F.array(*cells), "|", "")).alias("payload_hash")


def as_order_lines(documents: DataFrame, feed: Feed) -> DataFrame:
    """One row per line of a document: `nothing` for one whose lines are empty, one for a record with a problem.

    A document has `order_id`, `document_id`, `ordered_at` and `updated_at` (texts with an offset, UTC without one),
    `status`, `customer_id`, `country`, `currency`, `lines` and `payload_hash`. A line's amount is what it says, else
    quantity × unit price; its unit price is what it says, else amount / quantity, to the fourth decimal.
    """
    is_usable, is_empty = F.col(f"{RECORD}.problem").isNull(), F.size("lines") == 0
    usable = F.when(is_empty, F.array(nothing()).cast(LINES)).otherwise(F.col("lines"))
    lines = F.coalesce(F.when(is_usable, usable), F.array(line()).cast(LINES))
    each = documents.withColumn("line", F.explode(lines))
    texts = each.withColumns({name: F.col(f"line.{name}") for name in (*LINE, "attributes")})
    quantity, unit_price, amount = parsed("quantity"), parsed("unit_price"), parsed("amount")
    return with_parsed(texts, **LINE_TYPES).select(
        *("feed", "order_id", "document_id"),
        parsed("line_number").alias("line_number"),
        *("kind", "line_class", "status"),
        parsed("ordered_at").alias("ordered_at"),
        local_date(parsed("ordered_at"), feed.timezone).alias("order_date"),
        parsed("updated_at").alias("updated_at"),
        *("customer_id", "product_id", "country"),
        quantity.alias("quantity"),
        F.coalesce(unit_price, (amount / F.nullif(quantity, F.lit(0))).cast(money.UNIT)).alias("unit_price"),
        F.coalesce(amount, money.amount(quantity, unit_price)).alias("amount"),
        parsed("tax").alias("tax"),
        currency(feed),
        *("attributes", "payload_hash", *arrival()),
        F.col(f"{RECORD}.line").alias("version_line"),
        RECORD,
        type_errors(*LINE_TYPES),
    )


def as_payments(rows: DataFrame, feed: Feed) -> DataFrame:
    """One row per movement of money.

    A row has `payment_id`, `order_id`, `kind`, `method`, `status`, `amount`, `paid_at` and `updated_at` as texts,
    `currency` and `payload_hash`. The amount of a refund is below 0, however the feed writes it.
    """
    amount = parsed("amount")
    signed = F.when(F.col("kind") == "refund", -F.abs(amount)).otherwise(amount).cast(money.SUM)
    return with_parsed(rows, **PAYMENT_TYPES).select(
        *("feed", "payment_id", "order_id", "kind", "method", "status"),
        signed.alias("amount"),
        currency(feed),
        parsed("paid_at").alias("paid_at"),
        local_date(parsed("paid_at"), feed.timezone).alias("paid_date"),
        parsed("updated_at").alias("updated_at"),
        *("payload_hash", *arrival()),
        F.col(f"{RECORD}.line").alias("version_line"),
        RECORD,
        type_errors(*PAYMENT_TYPES),
    )


def currency(feed: Feed) -> Column:
    """Return the currency that the record names, else the feed's."""
    return F.coalesce(F.upper(null_if_empty("currency")), F.lit(feed.currency).cast("string")).alias("currency")


def arrival() -> tuple[Column, Column]:
    """When a record arrived, and with which batch."""
    return F.col(f"{RECORD}.batch_id").alias("batch_id"), F.col(f"{RECORD}.ingested_at").alias("ingested_at")


def _cell(given: Column | str | int | None) -> Column:
    return F.lit(given) if given is None or isinstance(given, str | int) else given
