"""Totals of a table that must agree with those of the tables it is built from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reconciliation:
    """Two queries, each with one number as its result, that must agree.

    `problem` says what is wrong with `table` if `actual` and `expected` differ by more than the tolerance: so many
    hundredths (cents) per row of the table, as each row may have been rounded. Queries name tables as `layer.name`.
    """

    table: str
    problem: str
    actual: str
    expected: str
    tolerance_cents_per_row: int = 0
