from collections.abc import Callable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame

from shoplake.columns.schema import struct_type
from shoplake.declare import OnDemand, col, table
from shoplake.tables.gold.predictions.churn_features import churn_features as features_table
from shoplake.transforms.known_columns import select_known

BatchScorer = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]
REASONS = "array<struct<feature:string,value:double,contribution:double,text:string>>"
SCHEMA = (
    "feed string, customer_id string, as_of_date date, churn_probability double, base_probability double, "
    f"churn_reasons {REASONS}, model_version int"
)


@table(
    "gold",
    key=["feed", "customer_id", "as_of_date"],
    write=OnDemand(partition_by="as_of_date", command="shoplake score churn"),
    partition_by=["as_of_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("customer_id", "string", "The customer"),
        col("as_of_date", "date", "The shop's local day from which on 90 days are predicted"),
        col("churn_probability", "double", "Probability of no order in these 90 days", unit="probability"),
        col("base_probability", "double", "Probability before any feature is known", unit="probability"),
        col(
            "churn_reasons",
            REASONS,
            "All features with their contributions, the greatest first: with the base they add up to the probability; "
            "`text` has the reason in words",
        ),
        col("model_version", "int", "The version of the model `churn`", unit="version"),
    ],
)
def churn_scores(churn_features: DataFrame, *, scorer: BatchScorer | None = None) -> DataFrame:
    """One row per customer and as-of day that was scored: the probability of churn, and why.

    `shoplake score churn` writes an as-of day with the champion; without a model the table is empty. Churn means no
    order of goods in the 90 days from the as-of day.
    """
    features = select_known(churn_features, [each.name for each in features_table.columns])
    return features.mapInArrow(scorer or _score_nothing, struct_type(SCHEMA))


def _score_nothing(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Return no row: without a model nothing is scored."""
    yield from ()
