from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.customers.customer_value import (
    FIT_SCHEMA,
    HISTORY,
    PARAMETERS,
    as_of_dates,
    fit_models,
    order_histories,
)
from shoplake.transforms.sorted_groups import map_groups


@table(
    "gold",
    key=["feed"],
    write=Replace(),
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col("as_of_date", "date", "The day after the feed's last order"),
        col("customers", "bigint", "Customers with an order", unit="customers"),
        col("repeat_customers", "bigint", "Customers with order days after the first", unit="customers"),
        col("r", "double", "Shape of the gamma distribution of order rates", unit="dimensionless"),
        col("alpha", "double", "Inverse scale of that distribution", unit="days"),
        col("a", "double", "First shape of the beta distribution of drop-out probabilities", unit="dimensionless"),
        col("b", "double", "Second shape of that distribution", unit="dimensionless"),
        col(
            "p",
            "double",
            "Shape of the gamma distribution of order values around their customer's mean",
            unit="dimensionless",
        ),
        col("q", "double", "Shape of the inverse gamma distribution of these means", unit="dimensionless"),
        col("v", "double", "Scale of that distribution, in the feed's currency", unit="money"),
        col(
            "log_likelihood",
            "double",
            "Logarithm of the probability of the order histories under r, alpha, a and b",
            unit="nats",
        ),
    ],
)
def customer_value_models(customer_facts: DataFrame, customer_months: DataFrame) -> DataFrame:
    """One row per feed with an order: the parameters of MBG/NBD (order counts) and Gamma-Gamma (order values).

    Both are fitted by maximum likelihood: MBG/NBD (Batislam, Denizel and Filiztekin, 2007) to days with an order, of
    all customers with an order; Gamma-Gamma (Fader and Hardie, 2013) to the net value per order day, the first
    included, of customers with a positive one. Parameters are null with fewer than 10 repeat customers. BG/NBD, the
    common variant, has no drop-out after the first order and takes every one-time buyer for active.
    """
    histories = order_histories(customer_facts, as_of_dates(customer_months))
    models = map_groups(histories, HISTORY, ["feed"], fit_models, FIT_SCHEMA)
    parameters = [F.nanvl(name, F.lit(None).cast("double")).alias(name) for name in (*PARAMETERS, "log_likelihood")]
    return models.select("feed", "as_of_date", "customers", "repeat_customers", *parameters)
