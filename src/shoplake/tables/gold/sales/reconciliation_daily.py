from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Replace, Tie, col, table
from shoplake.transforms.sales.reconcile import CHARGE_CAUSES, CURRENCY, GOODS_CAUSES, PAYMENT_CAUSES

CAUSES = (*GOODS_CAUSES, *CHARGE_CAUSES, *PAYMENT_CAUSES)
UNEXPLAINED = "unexplained"
SUMS = ", ".join(CAUSES)


@table(
    "gold",
    key=["feed", "order_date", "currency", "cause"],
    write=Replace(partition_by="order_date"),
    columns=[
        col("feed", "string", "The feed"),
        col("order_date", "date", "The shop's local day of the order, or else of its event or payment"),
        col("currency", "string", "ISO 4217 code; null if unknown"),
        col("cause", "string", "A cause of `gold.reconciliation_orders`, or unexplained"),
        col("orders", "bigint", "Orders in which the cause is not 0", unit="orders"),
        col("amount", "decimal(18,4)", "Sum of the cause, with its sign; 0 for unexplained", unit="currency"),
        col("unexplained", "decimal(18,4)", "What no cause explains; 0 but for unexplained", unit="currency"),
    ],
    ties=[
        Tie(
            "the causes of a day are not those of its orders",
            "SELECT feed, order_date, amount, unexplained FROM gold.reconciliation_daily",
            f"SELECT feed, order_date, {' + '.join(CAUSES)} AS amount, unexplained FROM gold.reconciliation_orders",
            keys=("feed", "order_date"),
            measures=("amount", "unexplained"),
        ),
    ],
)
def reconciliation_daily(reconciliation_orders: DataFrame) -> DataFrame:
    """One row per feed, day, currency and cause of a difference between purchase events, orders and payments.

    The day is that of the order, also for what is refunded later. A day has a row for each cause that occurs, so that
    a day on which all agree has none. `gold.reconciliation_orders` defines the causes.
    """
    amounts = [
        F.struct(
            F.lit(CURRENCY.get(cause, cause)).alias("cause"),
            F.col(cause).alias("amount"),
            F.lit(None).cast(money.UNIT).alias("unexplained"),
        )
        for cause in CAUSES
    ]
    rest = F.struct(
        F.lit(UNEXPLAINED).alias("cause"), F.lit(None).cast(money.UNIT).alias("amount"), F.col("unexplained")
    )
    named = ("feed", "order_date", "currency")
    each = reconciliation_orders.select(*named, F.explode(F.array(*amounts, rest)).alias("each")).select(
        *named, "each.cause", "each.amount", "each.unexplained"
    )
    occurring = each.where((F.coalesce("amount", "unexplained")) != 0)
    return occurring.groupBy(*named, "cause").agg(
        F.count("*").alias("orders"),
        F.coalesce(F.sum("amount"), F.lit(0)).cast(money.UNIT).alias("amount"),
        F.coalesce(F.sum("unexplained"), F.lit(0)).cast(money.UNIT).alias("unexplained"),
    )
