"""Evaluates expectations and splits valid rows from invalid ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, TYPE_ERRORS
from shoplake.declare import Action, Expectation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pyspark.sql import Column, DataFrame

VIOLATIONS = "_violations"


def evaluate_expectations(
    rows: DataFrame, expectations: Iterable[Expectation], names: Collection[str] = (RECORD, TYPE_ERRORS)
) -> DataFrame:
    """Add `_violations`: the names of all expectations that a row violates; empty for a valid row.

    `names` are the column names of `rows`; only whether `_source` and `_type_errors` are among them matters.
    Type errors come first. A record that cannot be read has only its problem, because its fields are unknown. Warnings
    add nothing.
    """
    return rows.withColumn(VIOLATIONS, violated_rules(expectations, names)).drop(TYPE_ERRORS)


def violated_rules(expectations: Iterable[Expectation], names: Collection[str] = (RECORD, TYPE_ERRORS)) -> Column:
    """Return the names of all expectations that a row violates, as `evaluate_expectations` adds them."""
    strict = [each for each in expectations if each.on_violation is not Action.WARN]
    violations = F.array_compact(F.array(*[_name_if_violated(each) for each in strict])) if strict else _no_names()
    if TYPE_ERRORS in names:
        violations = F.concat(TYPE_ERRORS, violations)
    if RECORD in names:
        problem = F.col(f"{RECORD}.problem")
        violations = F.when(problem.isNotNull(), F.array(problem)).otherwise(violations)
    return violations


def split_valid(
    rows: DataFrame, expectations: Iterable[Expectation], names: Collection[str] = ()
) -> tuple[DataFrame, DataFrame]:
    """Split `rows` into valid rows and rows to quarantine, the latter with their reasons in `_violations`.

    `names` has `_source` and `_type_errors` where `rows` have them, as those that a table's function returns do.
    """
    evaluated = evaluate_expectations(rows, expectations, names)
    is_valid = has_no_violation()
    return evaluated.where(is_valid).drop(VIOLATIONS), evaluated.where(~is_valid)


def has_no_violation() -> Column:
    """Whether `_violations` of a row is empty.

    Not by its size: Sail 0.7.2 does not send that function to the workers of a cluster as the filter of a scan.
    """
    return F.get(VIOLATIONS, F.lit(0)).isNull()


def is_satisfied(expectation: Expectation) -> Column:
    """Whether a row satisfies the expectation; a null condition does not."""
    return F.coalesce(F.expr(expectation.condition), F.lit(False))


def _name_if_violated(expectation: Expectation) -> Column:
    return F.when(~is_satisfied(expectation), F.lit(expectation.name))


def _no_names() -> Column:
    return F.array().cast("array<string>")
