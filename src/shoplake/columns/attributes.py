"""Attributes: what a feed says beyond the columns of a table, as a map of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column

ATTRIBUTES = "map<string,string>"


def attributes(**values: Column | str) -> Column:
    """Return a map of the texts that are neither null nor empty, by their names; an empty map if there are none."""
    pairs = [F.struct(F.lit(name).alias("key"), _text(value).alias("value")) for name, value in values.items()]
    return F.map_from_entries(F.filter(F.array(*pairs), lambda pair: F.length(pair["value"]) > 0)).alias("attributes")


def _text(value: Column | str) -> Column:
    return (F.col(value) if isinstance(value, str) else value).cast("string")
