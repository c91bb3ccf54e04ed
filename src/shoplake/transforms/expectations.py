"""Tell good rows from bad ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import MISFITS, RECORD
from shoplake.declare import Action, Expectation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pyspark.sql import Column, DataFrame

BROKEN = "_broken"


def judge(rows: DataFrame, expectations: Iterable[Expectation], names: Collection[str] | None = None) -> DataFrame:
    """Add `_broken`: the names of the rules a row breaks, all of them; empty for a good row.

    `names` are those of the rows' columns, where they are known. A record that could not be read has that one reason:
    what its fields would have been, nobody knows.
    """
    names = rows.columns if names is None else names
    strict = [each for each in expectations if each.otherwise is not Action.WARN]
    broken = F.array_compact(F.array(*[_named(each) for each in strict])) if strict else _none()
    if MISFITS in names:
        broken = F.concat(MISFITS, broken)
    if RECORD in names:
        problem = F.col(f"{RECORD}.problem")
        broken = F.when(problem.isNotNull(), F.array(problem)).otherwise(broken)
    return rows.withColumn(BROKEN, broken).drop(MISFITS)


def part(rows: DataFrame, expectations: Iterable[Expectation]) -> tuple[DataFrame, DataFrame]:
    """Part `rows` into those that belong in the table and those to quarantine, with their reasons in `_broken`."""
    judged = judge(rows, expectations)
    is_good = F.size(BROKEN) == 0
    return judged.where(is_good).drop(BROKEN), judged.where(~is_good)


def holds(expectation: Expectation) -> Column:
    """Whether the expectation is true of a row; null counts as not."""
    return F.coalesce(F.expr(expectation.holds), F.lit(False))


def _named(expectation: Expectation) -> Column:
    return F.when(~holds(expectation), F.lit(expectation.name))


def _none() -> Column:
    return F.array().cast("array<string>")
