"""Transactions of Shopify orders: money that came in and went back.

Authorizations and voids move no money and are no payments. A transaction that fails or is pending keeps its status.
The format does not say when a transaction last changed, but a pending one becomes settled and never the reverse: it
has no `updated_at`, so that the settled one replaces it in whatever order they arrive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, field_names, filter_parsed
from shoplake.feeds.documents import as_payments, content_hash, json_document, with_problem

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed

TRANSACTION = (
    "id string, order_id string, kind string, gateway string, status string, amount string, currency string, "
    "test string, created_at string, processed_at string"
)
TRANSACTIONS = f"array<struct<{TRANSACTION.replace(' string', ':string')}>>"
TRANSACTION_FIELDS = (
    *field_names(TRANSACTION),
    *("authorization", "location_id", "message", "parent_id", "user_id", "device_id", "receipt", "payment_details"),
    *("error_code", "source_name", "admin_graphql_api_id", "payment_id", "currency_exchange_adjustment"),
    *("amount_rounding", "authorization_expires_at", "extended_authorization_attributes", "manual_payment_gateway"),
    *("payments_refund_attributes", "total_unsettled_set", "transaction"),
)


def transactions(raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per transaction body that moves money, or cannot be read; one of a test has the problem `test_order`."""
    read = json_document(
        *(raw, TRANSACTION),
        wrapper="transaction",
        known=TRANSACTION_FIELDS,
        numbers=("amount",),
        is_strict=feed.is_strict,
    )
    is_test = F.coalesce(F.col("test") == "true", F.lit(False))
    moves = filter_parsed(read, _moves_money() | F.col(f"{RECORD}.problem").isNotNull())
    return _as_payments(with_problem(moves, "test_order", is_test), feed)


def nested_transactions(refunds: DataFrame, feed: Feed) -> DataFrame:
    """One row per transaction in the array `transactions` of refunds with an `order_id`, if it moves money."""
    names = field_names(TRANSACTION)
    each = refunds.withColumn("each", F.explode("transactions")).withColumnRenamed("order_id", "_order_id")
    flat = each.select("feed", RECORD, "_order_id", *[F.col(f"each.{name}").alias(name) for name in names])
    of_order = flat.withColumn("order_id", F.coalesce("order_id", "_order_id"))
    return _as_payments(filter_parsed(of_order, _moves_money()), feed)


def _moves_money() -> Column:
    return F.coalesce(~F.col("kind").isin("authorization", "emv_authorization", "void"), F.lit(True))


def _as_payments(rows: DataFrame, feed: Feed) -> DataFrame:
    at = F.coalesce("processed_at", "created_at")
    is_refund = F.col("kind") == "refund"
    done, failed = F.col("status") == "success", F.col("status").isin("failure", "error")
    status = F.when(done & is_refund, "refunded").when(done, "paid").when(failed, "failed").otherwise(F.col("status"))
    named = rows.withColumns(
        {
            "payment_id": F.col("id"),
            "method": F.col("gateway"),
            "paid_at": at,
            "updated_at": F.when(done | failed, at),
            "payload_hash": content_hash("id", "kind", "status", "amount", at),
        }
    )
    return as_payments(named.withColumns({"kind": _kind(is_refund), "status": status}), feed)


def _kind(is_refund: Column) -> Column:
    is_payment = F.col("kind").isin("sale", "capture")
    return F.when(is_refund, "refund").when(is_payment, "payment").otherwise(F.col("kind"))
