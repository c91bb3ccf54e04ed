"""Tell good rows from bad ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, TYPE_ERRORS
from shoplake.declare import Action, Expectation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pyspark.sql import Column, DataFrame

VIOLATIONS = "_broken"


def evaluate_expectations(
    rows: DataFrame, expectations: Iterable[Expectation], names: Collection[str] | None = None
) -> DataFrame:
    """Add `_broken`: the names of the rules a row breaks, all of them; empty for a good row.

    `names` are those of the rows' columns, where they are known. A record that could not be read has that one reason:
    what its fields would have been, nobody knows.
    """
    names = rows.columns if names is None else names
    strict = [each for each in expectations if each.on_violation is not Action.WARN]
    broken = F.array_compact(F.array(*[_named(each) for each in strict])) if strict else _none()
    if TYPE_ERRORS in names:
        broken = F.concat(TYPE_ERRORS, broken)
    if RECORD in names:
        problem = F.col(f"{RECORD}.problem")
        broken = F.when(problem.isNotNull(), F.array(problem)).otherwise(broken)
    return rows.withColumn(VIOLATIONS, broken).drop(TYPE_ERRORS)


def split_valid(rows: DataFrame, expectations: Iterable[Expectation]) -> tuple[DataFrame, DataFrame]:
    """Part `rows` into those that belong in the table and those to quarantine, with their reasons in `_broken`."""
    judged = evaluate_expectations(rows, expectations)
    is_good = F.size(VIOLATIONS) == 0
    return judged.where(is_good).drop(VIOLATIONS), judged.where(~is_good)


def is_satisfied(expectation: Expectation) -> Column:
    """Whether the expectation is true of a row; null counts as not."""
    return F.coalesce(F.expr(expectation.condition), F.lit(False))


def _named(expectation: Expectation) -> Column:
    return F.when(~is_satisfied(expectation), F.lit(expectation.name))


def _none() -> Column:
    return F.array().cast("array<string>")
