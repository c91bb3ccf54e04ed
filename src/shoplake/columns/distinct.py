"""Distinct counts of texts that cost little for many groups."""

from pyspark.sql import Column
from pyspark.sql import functions as F


def count_distinct(text: Column) -> Column:
    """Count the distinct texts of each group, null aside, by their 64-bit hashes (bigint).

    The embedded engine keeps 13 KB for each group where it counts the texts themselves, and 5 GB for 200,000 customers.
    Two of 100,000 texts of a group have one hash, and are then counted as one, with a chance of 3 in 10,000,000,000.
    """
    return F.count_distinct(F.when(text.isNotNull(), F.xxhash64(text)))
