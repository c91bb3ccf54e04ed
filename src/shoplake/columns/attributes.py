"""Further fields of a record, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.declare import col

if TYPE_CHECKING:
    from pyspark.sql import Column

MAP = "map<string,string>"
ATTRIBUTES = col("attributes", MAP, "Further fields of the record by name, as its kind maps them; null without any")


def attributes(*names: str) -> Column:
    """Build `attributes` of columns, e.g. `attributes("brand", "seller")`: their values as texts, without nulls.

    Null where all of them are null.
    """
    texts = [
        F.struct(F.lit(name).alias("key"), F.col(name).cast("string").alias("value")) for name in sorted(set(names))
    ]
    present = F.filter(F.array(*texts), lambda entry: entry["value"].isNotNull())
    return F.when(F.size(present) > 0, F.map_from_entries(present)).alias(ATTRIBUTES.name)


def sorted_map(name: str) -> Column:
    """Return a map column with its keys in order, and without those whose value is null; equal maps are then alike."""
    entries = F.filter(F.array_sort(F.map_entries(name)), lambda entry: entry["value"].isNotNull())
    return F.map_from_entries(entries)
