from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Feeds, RebuildKeys, Replace, Tie, col, table
from shoplake.transforms.sales.convert_currency import line_currency
from shoplake.transforms.sales.reconcile import (
    CHARGE_CAUSES,
    CURRENCY,
    GOODS_CAUSES,
    ORDER,
    PAYMENT_CAUSES,
    charge_causes,
    goods_causes,
    received_money,
)

ORDER_CAUSES = (*GOODS_CAUSES, *CHARGE_CAUSES)
ORDER_SUM, PAYMENT_SUM = " + ".join(ORDER_CAUSES), " + ".join(PAYMENT_CAUSES)
MEANINGS = {
    "no_event": "Goods of an order that has no purchase event",
    "no_order": "Events of an order that does not exist or is cancelled, below 0",
    "duplicate_event": "Events beyond the lines that the order has of the product, below 0",
    "quantity_differs": "Difference of the quantities, at the price of the event",
    "price_differs": "Difference of the prices, for the quantity ordered",
    "product_missing": "Lines without an event, and events (below 0) of products that were not ordered",
    "currency_differs": "Lines whose event is in another currency, which event_revenue leaves out",
    "discount": "Discounts of the order, below 0",
    "shipping": "Shipping of the order",
    "charges": "Tax, fees and adjustments of the order that are lines of their own",
    "unpaid": "What of the order is not paid, below 0",
    "overpaid": "What was paid beyond the order",
    "refund": "Refunds of money, below 0",
    "chargeback": "Payments that the bank took back, below 0",
}

BY_ORDER = RebuildKeys(ORDER, dict.fromkeys(("order_lines", "purchases", "payments"), ORDER))


@table(
    "gold",
    key=["feed", "order_id"],
    write=Replace(partition_by="order_date", compare_partitions=True, rebuild_keys=BY_ORDER),
    partition_by=["order_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("order_id", "string", "The order that a line, an event or a payment names"),
        col("order_date", "date", "The shop's local day of the order, or else of the event, or else of the payment"),
        col("currency", "string", "ISO 4217 code of the order, or else of the event, or else of the payment"),
        col("event_revenue", "decimal(18,4)", "Quantity × price of the purchase events", unit="currency"),
        col("order_revenue", "decimal(18,4)", "Goods, discounts, shipping and charges of the order", unit="currency"),
        col("payable", "decimal(18,4)", "order_revenue in cents", unit="currency"),
        col("paid", "decimal(18,4)", "Payments that arrived", unit="currency"),
        col("received", "decimal(18,4)", "All money that moved: payments less refunds", unit="currency"),
        *[col(name, "decimal(18,4)", meaning, unit="currency") for name, meaning in MEANINGS.items()],
        col("cause", "string", "The first cause that is not 0; `currency` stands for currency_differs; null if none"),
        col(
            "unexplained_revenue",
            "decimal(18,4)",
            "order_revenue - event_revenue - the causes from no_event to charges",
            unit="currency",
        ),
        col(
            "unexplained_payment",
            "decimal(18,4)",
            "received - payable - the causes from unpaid to chargeback",
            unit="currency",
        ),
        col("unexplained", "decimal(18,4)", "The sum of both without their signs; 0 if all is known", unit="currency"),
    ],
    ties=[
        Tie(
            "a difference between events, orders and payments is unexplained",
            "SELECT feed, order_id, order_date, unexplained FROM gold.reconciliation_orders",
            "SELECT feed, order_id, order_date, 0 AS unexplained FROM gold.reconciliation_orders",
            keys=("feed", "order_id", "order_date"),
            measures=("unexplained",),
        ),
        Tie(
            "the causes of an order do not lead from its events to its payments",
            f"SELECT feed, order_id, order_date, event_revenue + {ORDER_SUM} AS revenue, "
            f"payable + {PAYMENT_SUM} AS received, payable + unpaid + overpaid AS paid FROM gold.reconciliation_orders",
            "SELECT feed, order_id, order_date, order_revenue - unexplained_revenue AS revenue, "
            "received - unexplained_payment AS received, paid FROM gold.reconciliation_orders",
            keys=("feed", "order_id", "order_date"),
            measures=("revenue", "received", "paid"),
        ),
    ],
)
def reconciliation_orders(
    order_lines: DataFrame, purchases: DataFrame, payments: DataFrame, *, feeds: Feeds
) -> DataFrame:
    """One row per order that lines, purchase events or payments name: what the three say, and why they differ.

    `event_revenue` + the causes from `no_event` to `charges` = `order_revenue`, and `payable` + the causes from
    `unpaid` to `chargeback` = `received`. Each cause is computed from the records that it is about, not as a rest:
    quantities and prices of the events and lines of a product, lines of a class, payments of a status. Causes are
    exclusive: a line or event has the first that applies, in the order of the columns. An event or line without a price
    counts 0, and the money of the other one is `price_differs`. What is left is `unexplained`: money whose status is
    not known, and lines whose amount is not quantity × price.

    A cancelled order is no order. Unpaid and overpaid are the balance of the order against its payments. Returned goods
    are no part of the order's revenue; the money paid back for them is a refund. Shops with neither events nor
    payments have all of their orders in `no_event` and `unpaid`.
    """
    lines = order_lines.withColumn("currency", line_currency(feeds))
    events = purchases.withColumn("currency", line_currency(feeds))
    goods, charges = goods_causes(lines, events), charge_causes(lines)
    money_of = received_money(payments.withColumn("currency", line_currency(feeds)))
    joined = goods.join(charges, on=list(ORDER), how="full").join(money_of, on=list(ORDER), how="full")
    amounts = ("event_revenue", "goods", *ORDER_CAUSES, "paid", "refund", "chargeback", "received")
    known = joined.withColumns({name: F.coalesce(name, F.lit(0)).cast(money.UNIT) for name in amounts})
    return _select(known)


def _select(known: DataFrame) -> DataFrame:
    revenue = _sum("goods", *CHARGE_CAUSES)
    payable = F.round(revenue, 2).cast(money.UNIT)
    totals = known.withColumns({"order_revenue": revenue, "payable": payable})
    balance = (F.col("paid") - F.col("payable")).cast(money.UNIT)
    causes = totals.withColumns({"unpaid": F.least(balance, _nothing()), "overpaid": F.greatest(balance, _nothing())})
    rests = {
        "unexplained_revenue": (F.col("order_revenue") - _sum("event_revenue", *ORDER_CAUSES)).cast(money.UNIT),
        "unexplained_payment": (F.col("received") - _sum("payable", *PAYMENT_CAUSES)).cast(money.UNIT),
    }
    first = F.coalesce(*[F.when(F.col(name) != 0, CURRENCY.get(name, name)) for name in MEANINGS])
    return causes.withColumns(rests).select(
        *("feed", "order_id"),
        F.coalesce("order_date", "charge_date", "event_date", "paid_date").alias("order_date"),
        F.coalesce("order_currency", "charge_currency", "event_currency", "paid_currency").alias("currency"),
        *("event_revenue", "order_revenue", "payable", "paid", "received", *MEANINGS),
        first.alias("cause"),
        *rests,
        (F.abs("unexplained_revenue") + F.abs("unexplained_payment")).cast(money.UNIT).alias("unexplained"),
    )


def _nothing() -> Column:
    return F.lit(0).cast(money.UNIT)


def _sum(*names: str) -> Column:
    return reduce(lambda one, other: (one + other).cast(money.UNIT), map(F.col, names))
