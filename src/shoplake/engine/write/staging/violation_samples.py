"""Samples of the records that violate a rule, where many rows are quarantined."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD
from shoplake.engine.protocol import ViolationSample
from shoplake.transforms.expectations import VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pyspark.sql import DataFrame

    from shoplake.declare import Table

QUARANTINE_WARNING_SHARE = 0.05
"""The share of quarantined rows above which a run warns of a table."""
MAX_SAMPLES = 50
MAX_LENGTH = 100_000
"""Characters of a record's text that a sample has at most."""


def sample_violations(
    table: Table[...],
    evaluated: DataFrame,
    violations: Mapping[str, int],
    counts: tuple[int, int],
    names: Collection[str],
) -> dict[str, tuple[ViolationSample, ...]]:
    """Return the first records that violate the most frequent rule, by that rule.

    None where `counts`, quarantined rows and all rows, are below the share of a warning, and for rows without records.
    `violations` counts the rows that violate each rule, and `names` are the columns of `evaluated`.
    """
    invalid, total = counts
    if RECORD not in names or invalid <= total * QUARANTINE_WARNING_SHARE:
        return {}
    rule = min(violations, key=lambda name: (-violations[name], name))
    record, columns = F.col(RECORD), rule_columns(table, rule)
    rows = evaluated.where(F.array_contains(VIOLATIONS, rule)).select(
        "feed",
        record.batch_id.alias("batch_id"),
        record.file.alias("file"),
        record.line.alias("line"),
        F.substring(record.raw, 1, MAX_LENGTH).alias("raw"),
        F.array(*[F.col(name).cast("string") for name in columns], F.lit("")).alias("cells"),
    )
    first = rows.orderBy("batch_id", "file", "line").limit(MAX_SAMPLES).collect()
    return {
        rule: tuple(
            ViolationSample(
                row.feed, row.batch_id, row.file, row.line, row.raw or "", dict(zip(columns, row.cells, strict=False))
            )
            for row in first
        )
    }


def rule_columns(table: Table[...], rule: str) -> list[str]:
    """Return the columns that a rule's condition reads: the one it is named after alone, if there is one.

    A rule that the table does not declare, such as a type error, reads none.
    """
    conditions = [each.condition for each in table.expectations if each.name == rule]
    words = {word for text in conditions for word in re.findall(r"[A-Za-z_]\w*", re.sub(r"'[^']*'", "", text))}
    read = [column.name for column in table.output_columns if column.name in words and "<" not in column.type]
    named_after = [name for name in read if rule.startswith(f"{name}_")]
    return [max(named_after, key=len)] if named_after else read
