"""Money: decimal(18,4) a unit, decimal(18,2) summed, never a float."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column

UNIT = "decimal(18,4)"
SUM = "decimal(18,2)"


def amount(quantity: Column | str, unit_price: Column | str) -> Column:
    """Quantity × unit price, to the fourth decimal."""
    return (_column(quantity) * _column(unit_price)).cast(UNIT)


def total(amounts: Column | str, where: Column | None = None) -> Column:
    """The sum of `amounts` in the rows `where` it counts, rounded once, at the end; 0.00 if there are none."""
    counted = _column(amounts) if where is None else F.when(where, _column(amounts))
    return F.coalesce(F.sum(counted), F.lit(0)).cast(SUM)


def ratio(part: Column | str, base: Column | str) -> Column:
    """`part` / `base` as a double; null when the base is 0."""
    return (_column(part).cast("double") / F.nullif(_column(base).cast("double"), F.lit(0.0))).cast("double")


def _column(given: Column | str) -> Column:
    return F.col(given) if isinstance(given, str) else given
