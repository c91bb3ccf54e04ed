"""The probability models of `shoplake.ml` over rows of customers: histories, fit and scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.ml.monetary_value import MonetaryValue, fit_monetary_value
from shoplake.ml.order_counts import History, OrderCounts, fit_order_counts
from shoplake.transforms.sales.convert_currency import is_rate_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame

MIN_CUSTOMERS = 10
"""Customers with repeat orders, and customers with a positive value, below which a model is not fitted."""
PARAMETERS = ("r", "alpha", "a", "b", "p", "q", "v")
FIT_SCHEMA = (
    "feed string, as_of_date date, customers bigint, repeat_customers bigint, "
    + ", ".join(f"{name} double" for name in PARAMETERS)
    + ", log_likelihood double"
)
HISTORY = ("feed", "as_of_date", "repeats", "last", "observed", "mean_value")
"""What the models are fitted to."""
SCORES = ("p_alive", "p_order_90d", "expected_orders_90d", "expected_orders_365d", "value_per_order")
KEY_SCHEMA = "feed string, customer_id string, "
SCORE_SCHEMA = KEY_SCHEMA + ", ".join(f"{name} double" for name in SCORES)


def as_of_dates(customer_months: DataFrame) -> DataFrame:
    """Return for each feed the day after its last order, guests' included, as `as_of_date`."""
    last = customer_months.groupBy("feed").agg(F.max("last_order_date").alias("_last"))
    return last.where(F.col("_last").isNotNull()).select("feed", F.date_add("_last", 1).alias("as_of_date"))


def order_histories(facts: DataFrame, as_of: DataFrame) -> DataFrame:
    """Return customers with an order: `repeats` order days after the first, `last` and `observed` days from it.

    `observed` ends with the day before `as_of_date`. `mean_value` is the net value per order day, the first included;
    null where lines lack a rate, for what is known of the net is less than that of all order days.
    """
    dated = facts.where(F.col("order_days") > 0).join(F.broadcast(as_of), on="feed", how="inner")
    return dated.select(
        "feed",
        "customer_id",
        "as_of_date",
        (F.col("order_days") - 1).alias("repeats"),
        F.datediff("last_order_date", "first_order_date").cast("int").alias("last"),
        (F.datediff("as_of_date", "first_order_date") - 1).cast("int").alias("observed"),
        F.when(is_rate_known(), F.col("net") / F.col("order_days")).cast(money.UNIT).alias("mean_value"),
    )


def fit_models(histories: pd.DataFrame) -> pd.DataFrame:
    """Fit both models to the histories of one feed: one row of `FIT_SCHEMA`, null where too few customers tell."""
    numbers = histories[["repeats", "last", "observed"]].astype(int)
    grouped = (
        numbers.value_counts(sort=False).reset_index(name="customers").sort_values(["repeats", "last", "observed"])
    )
    history = History(*[grouped[name].to_numpy(float) for name in History._fields])
    repeaters = int((numbers["repeats"] > 0).sum())
    row: dict[str, object] = dict.fromkeys((*PARAMETERS, "log_likelihood"), np.nan)
    if repeaters >= MIN_CUSTOMERS:
        counts = fit_order_counts(history)
        row |= {"r": counts.r, "alpha": counts.alpha, "a": counts.a, "b": counts.b}
        row["log_likelihood"] = counts.log_likelihood(history)
    values = pd.to_numeric(histories["mean_value"], errors="coerce").to_numpy(float)
    is_positive = values > 0
    if repeaters >= MIN_CUSTOMERS and is_positive.sum() >= MIN_CUSTOMERS:
        worth = fit_monetary_value(numbers["repeats"].to_numpy(float)[is_positive] + 1, values[is_positive])
        row |= {"p": worth.p, "q": worth.q, "v": worth.v}
    first = histories.iloc[0]
    key = {"feed": first["feed"], "as_of_date": first["as_of_date"]}
    return pd.DataFrame([key | {"customers": len(histories), "repeat_customers": repeaters} | row])


def score_customers(blocks: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Score histories that have the parameters of their feed's model: rows of `SCORE_SCHEMA`."""
    for block in blocks:
        for _, rows in block.groupby("feed", sort=False):
            yield _score(rows)


def _score(rows: pd.DataFrame) -> pd.DataFrame:
    r, alpha, a, b, p, q, v = (float(rows[name].iloc[0]) for name in PARAMETERS)
    counts, worth = OrderCounts(r, alpha, a, b), MonetaryValue(p, q, v)
    repeats, last, observed = (rows[name].to_numpy(float) for name in ("repeats", "last", "observed"))
    values = pd.to_numeric(rows["mean_value"], errors="coerce").to_numpy(float)
    scores = {
        "p_alive": counts.p_active(repeats, last, observed),
        "p_order_90d": counts.p_order(repeats, last, observed, 90),
        "expected_orders_90d": counts.expected_orders(repeats, last, observed, 90),
        "expected_orders_365d": counts.expected_orders(repeats, last, observed, 365),
        "value_per_order": np.where(values > 0, worth.expected_value(repeats + 1, values), np.nan),
    }
    rounded = {name: np.round(score, 6) for name, score in scores.items()}
    return pd.DataFrame({"feed": rows["feed"], "customer_id": rows["customer_id"], **rounded})
