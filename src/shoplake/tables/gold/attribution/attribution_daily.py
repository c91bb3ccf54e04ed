from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.columns.money import ratio
from shoplake.declare import Replace, Tie, col, table
from shoplake.transforms.attribution.models import MODELS

MONEY = "decimal(18,4)"
NONE = "(none)"
KEY = ("feed", "order_date", "currency", "model", "channel", "campaign")
_EVERY_MODEL = f"(SELECT explode(array({', '.join(repr(model) for model in MODELS)})) AS model)"
TIE = Tie(
    "the sum over channels and campaigns is not that of the orders",
    "SELECT feed, order_date, currency, model, revenue, net_revenue FROM gold.attribution_daily",
    "SELECT feed, order_date, currency, model, revenue, net_revenue FROM gold.attribution_touches "
    f"CROSS JOIN {_EVERY_MODEL} AS models WHERE touch_number <= 1",
    keys=KEY[:4],
    measures=("revenue", "net_revenue"),
)


@table(
    "gold",
    key=KEY,
    write=Replace(partition_by="order_date", input_partitions={"ad_costs": "cost_date"}),
    partition_by=["order_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("order_date", "date", "The shop's local day of the order, and of the ads"),
        col("currency", "string", "ISO 4217 code of the orders and of the costs"),
        col("model", "string", ", ".join(MODELS)),
        col("channel", "string", "Marketing channel; (none) for orders without a touch"),
        col("campaign", "string", "utm_campaign; (none) without one"),
        col("orders", "decimal(18,6)", "Shares of orders with a sale", unit="orders"),
        col("new_customer_orders", "decimal(18,6)", "Those of customers' first orders", unit="orders"),
        col("revenue", MONEY, "gross - discount credited", unit="currency"),
        col("net_revenue", MONEY, "The same less returns, on the day of the order", unit="currency"),
        col("spend", MONEY, "Ad costs of the day; null where none are known", unit="currency"),
        col("roas", "double", "revenue / spend, the return on ad spend; null without spend", unit="ratio"),
    ],
    ties=[TIE],
)
def attribution_daily(attribution_touches: DataFrame, ad_costs: DataFrame) -> DataFrame:
    """One row per feed, day, currency, model, channel and campaign: what the model credits to them.

    Over channels and campaigns each model adds up to the same orders and revenue, exactly: those of the day's orders.
    Models are described at `gold.attribution_touches`. Money has four digits so that sums are not rounded.

    The spend is the same in each model, and is not added up over models. It is that of the day, while its orders may
    come up to 30 days later: compare longer periods. Costs in another currency than the orders are rows of their own.
    """
    credited = _sum_credits(attribution_touches)
    spent = ad_costs.groupBy(
        "feed",
        F.col("cost_date").alias("order_date"),
        "currency",
        "channel",
        F.coalesce("campaign", F.lit(NONE)).alias("campaign"),
    ).agg(F.sum("cost").cast(MONEY).alias("spend"))
    models = F.explode(F.array(*[F.lit(model) for model in MODELS]))
    joined = credited.alias("credited").join(
        spent.withColumn("model", models).alias("spent"), on=_same_key(), how="full"
    )
    rows = joined.select(
        *[F.coalesce(f"credited.{name}", f"spent.{name}").alias(name) for name in KEY],
        *[_or_zero(name, "decimal(18,6)") for name in ("orders", "new_customer_orders")],
        *[_or_zero(name, MONEY) for name in ("revenue", "net_revenue")],
        "spend",
    )
    return rows.withColumn("roas", ratio("revenue", "spend"))


def _sum_credits(attribution_touches: DataFrame) -> DataFrame:
    """Sum the credits of all models by `KEY`."""
    credits = [
        F.struct(
            F.lit(model).alias("model"),
            F.col(f"weight_{model}").alias("weight"),
            F.col(f"revenue_{model}").alias("revenue"),
            F.col(f"net_revenue_{model}").alias("net_revenue"),
        )
        for model in MODELS
    ]
    long = attribution_touches.select(
        *("feed", "order_date", "currency", "channel", "orders", "is_new_customer"),
        F.coalesce("campaign", F.lit(NONE)).alias("campaign"),
        F.explode(F.array(*credits)).alias("credit"),
    ).select("*", "credit.*")
    share = F.when(F.col("orders") == 1, F.col("weight")).otherwise(F.lit(0))
    is_new = F.coalesce("is_new_customer", F.lit(False))
    return long.groupBy(*KEY).agg(
        F.sum(share).cast("decimal(18,6)").alias("orders"),
        F.sum(F.when(is_new, share).otherwise(F.lit(0))).cast("decimal(18,6)").alias("new_customer_orders"),
        F.sum("revenue").cast(MONEY).alias("revenue"),
        F.sum("net_revenue").cast(MONEY).alias("net_revenue"),
    )


def _same_key() -> Column:
    """Whether credits and costs are of the same key; a missing currency equals another one."""
    condition = F.lit(True)
    for name in KEY:
        condition &= F.col(f"credited.{name}").eqNullSafe(F.col(f"spent.{name}"))
    return condition


def _or_zero(name: str, kind: str) -> Column:
    return F.coalesce(name, F.lit(0)).cast(kind).alias(name)
