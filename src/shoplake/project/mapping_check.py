"""Checks the functions of a project's kinds before any file is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import FeedKind, Feeds, Table
    from shoplake.declare.catalog import Catalog


def check_mappings(catalog: Catalog, feeds: Feeds, kinds: Collection[FeedKind], session: SparkSession) -> None:
    """Build, of no rows, each table of the catalog that a feed of one of `kinds` maps.

    Raises KindError for a function that returns no rows, or other columns than the table has.
    """
    for feed in feeds:
        if any(feed.kind is kind for kind in kinds):
            for table in (catalog[name] for name in feed.kind.mappings if name in catalog):
                table(*[_no_rows(catalog[each], session) for each in table.inputs], feeds=(feed,))


def _no_rows(table: Table[...], session: SparkSession) -> DataFrame:
    return session.createDataFrame([], table.types_ddl)
