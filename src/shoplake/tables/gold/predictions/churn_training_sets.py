from collections.abc import Mapping, Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Feeds, OnDemand, col, table
from shoplake.transforms.features.churn_features import CHURN_FEATURES
from shoplake.transforms.features.churn_labels import label_churn


@table(
    "gold",
    key=["feed", "customer_id", "as_of_date", "model_version"],
    write=OnDemand(partition_by="model_version", command="shoplake train churn"),
    partition_by=["model_version"],
    columns=[
        col("feed", "string", "The feed"),
        col("customer_id", "string", "The customer"),
        col("as_of_date", "date", "The as-of day of the features, and the first of the 90 days of the outcome"),
        col("model_version", "int", "The version of the model `churn` that was trained with it", unit="version"),
        col("split", "string", "train, calibrate or test"),
        col("is_churned", "boolean", "Whether no goods were ordered in the 90 days"),
        col("features", "array<double>", "The values of the features, in the order of `ops.models`"),
    ],
)
def churn_training_sets(
    churn_features: DataFrame,
    order_lines: DataFrame,
    *,
    feeds: Feeds,
    splits: Mapping[date, str] | None = None,
    own: Sequence[str] = (),
    model_version: int = 0,
) -> DataFrame:
    """One row per model version, customer and as-of day that the model was trained, calibrated or tested with.

    The rows stay as they were, so that `shoplake models reproduce` trains the same model again. Outcomes are those
    known at the time of training; the features are those of `gold.churn_features`, known on the as-of day.
    """
    days = splits or {}
    split = F.lit(None).cast("string")
    for day, name in days.items():
        split = F.when(F.col("as_of_date") == F.lit(day), F.lit(name)).otherwise(split)
    chosen = churn_features.withColumn("split", split).where(F.col("split").isNotNull())
    built_in = [F.col(each.name).cast("double") for each in CHURN_FEATURES]
    mine = [F.get_json_object("own_features", f"$.{name}").cast("double") for name in own]
    return label_churn(chosen, order_lines, list(days), feeds).select(
        "feed",
        "customer_id",
        "as_of_date",
        F.lit(model_version).cast("int").alias("model_version"),
        "split",
        "is_churned",
        F.array(*built_in, *mine).alias("features"),
    )
