from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, TYPE_ERRORS
from shoplake.declare import Feeds, Replace, col, table, warn
from shoplake.feeds.conform import conform
from shoplake.transforms.hierarchy import POSITION_SCHEMA, resolve_hierarchy

TOLD = (
    col("feed", "string", "Which shop's stream", required=True),
    col("category_id", "string", "The shop's number of the category", required=True),
    col("parent_id", "string", "The category that it stands in; null for a root"),
)


@table(
    "silver",
    key=["feed", "category_id"],
    write=Replace(from_records=True),
    columns=[
        *TOLD,
        col("root_id", "string", "The topmost category above it, itself if there is none; null in a circle"),
        col("depth", "int", "How many categories stand above it; null in a circle", unit="categories"),
        col("path", "string", "The categories from the root to itself, as `root/…/category_id`; null in a circle"),
        col("problem", "string", "circle, orphan (its parent is not there) or several_parents; null if all is well"),
    ],
    expectations=[warn("stands_in_the_tree", "problem IS NULL")],
)
def categories(categories_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per category with its place in the tree, of whatever depth.

    Of several files the one whose name sorts last counts for a category; one that is in none but an older stays. Of
    several parents in one file the greatest counts. An orphan is the root of what stands below it; whatever leads into
    a circle has no root. Feeds without a tree have no rows.
    """
    told = conform("categories", TOLD, feeds, categories_raw=categories_raw)
    is_good = F.col(f"{RECORD}.problem").isNull() & (F.size(TYPE_ERRORS) == 0)
    pairs = told.select(
        "feed",
        F.col(f"{RECORD}.file").alias("file"),
        F.when(is_good, F.col("category_id")).alias("node"),
        F.col("parent_id").alias("parent"),
    )
    tree = (
        pairs.groupBy("feed").applyInPandas(resolve_hierarchy, POSITION_SCHEMA).withColumnRenamed("node", "category_id")
    )
    return (
        told.drop("parent_id")
        .join(tree, on=["feed", "category_id"], how="left")
        .select(
            "feed",
            "category_id",
            F.col("parent").alias("parent_id"),
            F.col("root").alias("root_id"),
            "depth",
            "path",
            F.col("problem"),
            RECORD,
            TYPE_ERRORS,
        )
    )
