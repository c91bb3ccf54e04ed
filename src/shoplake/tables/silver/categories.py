from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, TYPE_ERRORS
from shoplake.columns.record_place import arrival_order
from shoplake.declare import Feeds, Replace, col, table, warn
from shoplake.feeds.conform import conform
from shoplake.transforms.sales.hierarchy import POSITION_SCHEMA, resolve_hierarchy
from shoplake.transforms.sorted_groups import map_groups

RECORD_COLUMNS = (
    col("feed", "string", "The feed", required=True),
    col("category_id", "string", "The shop's number of the category", required=True),
    col("parent_id", "string", "The parent category; null for a root"),
)


@table(
    "silver",
    key=["feed", "category_id"],
    write=Replace(from_records=True),
    columns=[
        *RECORD_COLUMNS,
        col("root_id", "string", "The root of its tree, itself for a root; null in a circle"),
        col("depth", "int", "Number of ancestors; null in a circle", unit="categories"),
        col("path", "string", "Path from the root, as `root/…/category_id`; null in a circle"),
        col("problem", "string", "circle, orphan (its parent is missing) or several_parents; null if valid"),
    ],
    expectations=[warn("stands_in_the_tree", "problem IS NULL")],
)
def categories(categories_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per category with its position in a tree of any depth.

    For a category in several files the one that arrived last wins; a category in an older file alone stays. Of
    several parents in one file the greatest wins. An orphan is the root of its descendants; categories that lead into
    a circle have no root. Feeds without a tree have no rows.
    """
    records = conform("categories", RECORD_COLUMNS, feeds, categories_raw=categories_raw)
    is_parsed = F.col(f"{RECORD}.problem").isNull() & (F.size(TYPE_ERRORS) == 0)
    pairs = records.select(
        "feed",
        F.expr(arrival_order(f"{RECORD}.batch_id", f"{RECORD}.file", "NULL")).alias("arrived"),
        F.when(is_parsed, F.col("category_id")).alias("node"),
        F.col("parent_id").alias("parent"),
    )
    resolved = map_groups(pairs, ("feed", "arrived", "node", "parent"), ["feed"], resolve_hierarchy, POSITION_SCHEMA)
    tree = resolved.withColumnRenamed("node", "category_id")
    return (
        records.select("feed", "category_id", RECORD, TYPE_ERRORS)
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
