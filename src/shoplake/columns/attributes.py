"""Attributes: the fields of a record beyond the columns of its table, as a map of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.declare import col

if TYPE_CHECKING:
    from pyspark.sql import Column

MAP = "map<string,string>"
ATTRIBUTES = col("attributes", MAP, "Further fields of the record by name, as its kind maps them; null without any")


def attributes(**values: Column | str) -> Column:
    """Return a map of the texts that are neither null nor empty, by their names; an empty map if there are none."""
    pairs = [F.struct(F.lit(name).alias("key"), _text(value).alias("value")) for name, value in values.items()]
    present = F.filter(F.array(*pairs), lambda pair: F.length(pair["value"]) > 0)
    return F.map_from_entries(present).alias(ATTRIBUTES.name)


def sorted_map(name: str) -> Column:
    """Return a map column with its keys in order and without null values; null if nothing is left.

    Maps with the same entries are then the same value, whatever the order of their keys.
    """
    entries = F.filter(F.array_sort(F.map_entries(name)), lambda entry: entry["value"].isNotNull())
    return F.when(F.size(entries) > 0, F.map_from_entries(entries))


def _text(value: Column | str) -> Column:
    return (F.col(value) if isinstance(value, str) else value).cast("string")
