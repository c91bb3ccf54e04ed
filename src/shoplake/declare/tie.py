"""Totals of two tables that must be equal."""

from __future__ import annotations

from dataclasses import dataclass

from shoplake.errors import DeclarationError


@dataclass(frozen=True)
class Tie:
    """Two queries whose measures must add up to the same for equal keys, without a tolerance.

    Declared with the table whose numbers the tie protects, as `@table(…, ties=[Tie(…)])`; `verify` checks it.

    Args:
        name: what must be equal, as the end of a sentence, e.g. "sales by country are those of the day".
        left: a query on tables named as `layer.name` that returns the columns of `keys` and `measures`.
        right: another one.
        keys: the columns by which rows are compared; null is a key like any other.
        measures: the numbers; rows of equal keys are added up, and null counts as 0.

    Sums are compared at four decimals. A query whose table rounds its sums to cents rounds the other side, too.

    Raises DeclarationError without keys or measures.

    """

    name: str
    left: str
    right: str
    keys: tuple[str, ...]
    measures: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.keys or not self.measures:
            raise DeclarationError(f"The tie '{self.name}' compares nothing. Name its keys=(…) and measures=(…).")
